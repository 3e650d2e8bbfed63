"""The clock's entry points; all memory is in the database."""

from celery import shared_task

from notices import chasers, chasing, digests, dispatch, escalation, turns
from notices.incoming import reading


@shared_task(name="notices.tasks.send_queued")
def send_queued() -> int:
    return dispatch.send_due()


@shared_task(name="notices.tasks.note_silence")
def note_silence() -> int:
    return chasing.note_silence()


@shared_task(name="notices.tasks.read_mail")
def read_mail() -> int:
    return reading.read_waiting()


@shared_task(name="notices.tasks.chase")
def chase() -> int:
    """Chasers and escalations of the platforms for which they are switched on."""
    return chasers.send_automatic() + escalation.propose()


@shared_task(name="notices.tasks.note_turns")
def note_turns() -> int:
    return turns.note()


@shared_task(name="notices.tasks.send_digests")
def send_digests() -> int:
    return digests.send_due()
