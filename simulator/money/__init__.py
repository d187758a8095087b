"""The money trail of claims: refund orders, channel bills, fund flows and policies."""

from simulator.money.make_money import make_money
from simulator.money.states import ENTITIES, state_sql

__all__ = ["ENTITIES", "make_money", "state_sql"]
