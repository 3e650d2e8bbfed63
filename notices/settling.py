"""What follows when the other side has taken letters: recorded for many of them at once, a little later.

That a letter was accepted is committed before anything else happens (`outbox.accept`), so whoever dies here leaves
nothing uncertain: the next sender settles what was left behind.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils import timezone

from casework.rewriting import rewrite
from notices import delivery, outbox
from notices.models import Dispatch, DispatchState, Notice

UNRECORDED = "The other side has it ({said}), but that could not be recorded: {why}"

log = logging.getLogger(__name__)


def settle(keys: Collection[int]) -> None:
    """Record for their notices that these rows were accepted; what somebody else has settled is passed over.

    Where that fails for one it fails for no other: it is left to a person, as of unknown outcome. Raises
    `OperationalError` where the database cannot go on; then they are left behind as they are.
    """
    try:
        _settle(keys)
    except Exception:
        log.exception("Accepted letters are settled one by one")
        for key in keys:
            _settle_alone(key)


def settle_left_behind(at: datetime | None = None) -> None:
    """Settle what senders have left that were not heard of since."""
    if keys := list(Dispatch.objects.unsettled(at or timezone.now()).values_list("pk", flat=True)):
        settle(keys)


def settle_notice(notice: Notice) -> None:
    """Settle what was accepted of this notice, if anything: somebody already tells us what came of it."""
    accepted = Dispatch.objects.filter(notice=notice, state=DispatchState.ACCEPTED)
    if keys := list(accepted.values_list("pk", flat=True)):
        settle(keys)


def _settle(keys: Iterable[int]) -> None:
    with transaction.atomic():
        rows = list(
            Dispatch.objects.filter(pk__in=keys, state=DispatchState.ACCEPTED)
            .select_related("notice__platform", "channel")
            .select_for_update(of=("self", "notice"))
            .order_by("pk")
        )
        for row in rows:
            row.state = DispatchState.SENT
        rewrite(rows, ["state"])
        delivery.record_sent(
            [
                delivery.Departure(row, at=row.accepted_at)
                for row in rows
                if row.accepted_at and not row.is_replay
            ]
        )


def _settle_alone(key: int) -> None:
    try:
        _settle([key])
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Dispatch %s was accepted and could not be settled", key)
        with transaction.atomic():
            row = Dispatch.objects.select_for_update(of=("self",)).select_related("notice").get(pk=key)
            outbox.leave_unknown(row, UNRECORDED.format(said=row.last_result, why=error))
