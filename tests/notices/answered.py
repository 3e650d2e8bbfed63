"""What answering leaves in the database, to see that a refused answer left nothing."""

from typing import Any

from casework.models import Event
from notices.models import Acknowledgement, Answer, Notice


def everything() -> list[Any]:
    """All that answering can change."""
    return [
        list(Notice.objects.order_by("pk").values()),
        list(Answer.objects.order_by("pk").values()),
        list(Acknowledgement.objects.order_by("pk").values()),
        list(Event.objects.order_by("pk").values("kind", "notice")),
    ]
