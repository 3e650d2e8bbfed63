"""What the clock asks of casework; the work itself is in the verbs."""

import logging

from celery import shared_task
from django.utils import timezone

from casework import captures, check_jobs, imports, network, rereading, sealing, timestamping
from casework.lifecycle import move
from casework.models import Item, ItemImport, ItemStatus

logger = logging.getLogger(__name__)


@shared_task
def close_watched() -> int:
    """Close the items whose watch window has passed without a live look; returns how many."""
    now = timezone.now()
    done = 0
    for item in Item.objects.filter(status=ItemStatus.WATCHING, watch_until__lte=now)[:1000]:
        move(item, "close_removed", by=None, at=now)
        done += 1
    return done


@shared_task
def plan_looks() -> int:
    """Make the jobs of the looks that are due; returns how many."""
    return check_jobs.plan()


@shared_task
def run_import(pk: int) -> None:
    imports.run_import(pk)


@shared_task
def resume_imports() -> int:
    """Take up imports that nobody has begun, or whose worker died; returns how many."""
    due = ItemImport.objects.filter(
        status__in=imports.UNFINISHED, created_at__lte=timezone.now() - imports.PATIENCE
    )
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        imports.run_import(pk)
    return len(keys)


@shared_task
def reread_items() -> int:
    """Read items' addresses anew after a change of the rules, for at most half a minute; returns how many."""
    return rereading.reread_items(seconds=30).read


@shared_task
def seal_history() -> int:
    """Seal what was added to the histories; returns how many rows."""
    try:
        return sealing.seal_history().rows
    except sealing.CannotSeal as error:
        logger.error("The history was not sealed: %s", error)
        return 0


@shared_task
def stamp_exhibits() -> int:
    """Ask the timestamp authority for what has no timestamp yet; returns how many got one."""
    return timestamping.sweep()


@shared_task
def clear_unnamed_files() -> int:
    """Delete what checkers sent and no finding has named for a month; returns how many files."""
    return captures.clear_unnamed()


@shared_task
def read_network_again() -> int:
    """Make accounts and mentions anew where the rules have changed, a thousand items at a time; returns how many."""
    return network.sweep()
