"""The clock's entry points; all memory is in the database."""

from celery import shared_task

from notices import chasing, dispatch
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
