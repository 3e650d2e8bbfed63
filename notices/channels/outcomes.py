"""How an attempt to hand a letter over can end; every channel speaks these words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from notices.models import AttemptOutcome

HandingOver = Callable[[], None]  # commits that from here on nobody may repeat the attempt


@dataclass(frozen=True)
class Accepted:
    """The other side has taken it; `status` is the code of its answer, where there is one."""

    said: str
    status: int | None = None
    outcome = AttemptOutcome.ACCEPTED


class Ended(Exception):
    """It was not accepted; says why, with the code of the answer if one came."""

    outcome = AttemptOutcome.UNCERTAIN

    def __init__(self, said: str, *, status: int | None = None) -> None:
        super().__init__(said)
        self.said, self.status = said, status


class NotDelivered(Ended):
    """The letter has not been accepted."""


class TryAgain(NotDelivered):
    """Not now: the other side is busy or out of reach; it may have asked for a pause of `wait`."""

    outcome = AttemptOutcome.LATER

    def __init__(self, said: str, *, status: int | None = None, wait: timedelta | None = None) -> None:
        super().__init__(said, status=status)
        self.wait = wait


class MayHaveArrived(TryAgain):
    """Handed over without a receipt, to somebody who knows a repetition by its id: it is repeated all the same."""

    outcome = AttemptOutcome.UNCERTAIN


class Refused(NotDelivered):
    """Not ever by this way: the other side refuses it."""

    outcome = AttemptOutcome.REFUSED


class SwitchedOff(Refused):
    """The other side wants nothing more by this way."""


class CannotSend(NotDelivered):
    """Something of ours is wrong; the other side was not even asked."""

    outcome = AttemptOutcome.STOPPED


class OutcomeUnknown(Ended):
    """The letter was handed over and the receipt did not come: it may have arrived, and must not be repeated."""


class ClaimLost(Exception):
    """Somebody else has taken the attempt over; nothing was handed over by us."""
