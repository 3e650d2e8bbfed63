"""Living on a past day: everything that asks Django for the time hears the demonstration's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    """`timezone.now()`, also where a model field kept it as its default, gives `moment` (aware) inside the block.

    So events of past days are recorded on those days, and figures “as known by” a past day are true.
    """

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return moment.astimezone(tz)

    kept = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = Then  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = kept  # type: ignore[attr-defined]
