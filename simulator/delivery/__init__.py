"""What a platform delivers: files of all feeds, and the faults planted in them."""

from simulator.delivery.deliver import deliver
from simulator.delivery.faults import Faults

__all__ = ["Faults", "deliver"]
