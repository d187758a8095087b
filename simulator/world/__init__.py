"""The clean truth of a platform's history, calibrated on published figures."""

from simulator.world.states import ENTITIES, state_sql
from simulator.world.world import make_world

__all__ = ["ENTITIES", "make_world", "state_sql"]
