"""How an attempt to hand a letter over can end; every channel speaks these words."""

from collections.abc import Callable

HandingOver = Callable[[], None]  # commits that from here on nobody may repeat the attempt


class NotDelivered(Exception):
    """The letter has certainly not been accepted."""


class TryAgain(NotDelivered):
    """Not now: the other side is busy or out of reach."""


class Refused(NotDelivered):
    """Not ever by this way: the other side refuses it."""


class CannotSend(NotDelivered):
    """Something of ours is wrong; the other side was not even asked."""


class OutcomeUnknown(Exception):
    """The letter was handed over and the receipt did not come: it may have arrived."""


class ClaimLost(Exception):
    """Somebody else has taken the attempt over; nothing was handed over by us."""
