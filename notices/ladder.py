"""A platform's ladder: its current channels by rung, how far a conversation has climbed, and the next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Item
from notices.models import REMOVALS, UNSENT, Notice
from platforms.models import Channel, Platform

FIRST = 1  # where a letter stands whose channel is not known, as in recorded histories
MOST_RUNGS, MOST_HOURS, MOST_PER_HOUR = 20, 24 * 366, 10_000
PARKED = 1_000  # rungs to which rows step aside while they change places


@dataclass(frozen=True)
class Step:
    """Where one channel stands: its rung, whom it reaches, after how many hours it may be used, how many an hour."""

    channel: Channel
    rung: int
    addressee: str = ""
    after_hours: int = 0
    per_hour: int | None = None

    def __str__(self) -> str:
        reached = f" ({self.addressee})" if self.addressee else ""
        return f"{self.rung}: {self.channel}{reached}"


@dataclass(frozen=True)
class Rung:
    number: int
    channels: tuple[Channel, ...]  # alternatives: another kind, or another language


def rungs(platform: Platform) -> list[Rung]:
    """The ladder from its foot, with one query."""
    current = Channel.objects.current().filter(platform=platform).order_by("rung", "pk")
    return [Rung(number, tuple(some)) for number, some in groupby(current, key=lambda each: each.rung)]


def steps(channels: Iterable[Channel]) -> list[Step]:
    """The ladder as a record, from its foot."""
    ordered = sorted(channels, key=lambda each: (each.rung, each.pk))
    return [Step(each, each.rung, each.addressee, each.after_hours, each.per_hour) for each in ordered]


def next_rung(notice: Notice) -> Rung | None:
    """The rung above that of the notice; None at the top."""
    used = notice.channel.rung if notice.channel else FIRST
    return next((rung for rung in rungs(notice.platform) if rung.number > used), None)


def rung_left(item: Item) -> Rung | None:
    """The lowest rung above all that letters about the item have reached; None at the top, and without a letter."""
    left = Notice.objects.filter(lines__item=item, kind__in=REMOVALS).exclude(status__in=UNSENT)
    used = left.aggregate(highest=Max(Coalesce("channel__rung", FIRST)))["highest"]
    if used is None:
        return None
    return next((rung for rung in rungs(item.platform) if rung.number > used), None)


def open_from(notice: Notice, rung: Rung) -> datetime | None:
    """From when the rung may be used after this notice; None before it has arrived."""
    if notice.received_at is None:
        return None
    return notice.received_at + timedelta(hours=min(each.after_hours for each in rung.channels))


def change(platform: Platform, wanted: Sequence[Step], *, by: User, at: datetime | None = None) -> list[Step]:
    """Set the ladder of a platform: every current channel stands in `wanted` once.

    Rungs count 1, 2, 3 without a gap. Raises `ValidationError`, by `<field>_<channel id>` or for the whole.
    """
    require(by, Permission.SET_LADDER)
    at = at or timezone.now()
    with transaction.atomic():
        rows = Channel.objects.select_for_update(no_key=True).current().filter(platform=platform)
        current = {each.pk: each for each in rows}
        before = steps(current.values())
        if found := _problems(wanted, current):
            raise ValidationError(found)
        for step in wanted:
            row = current[step.channel.pk]
            row.rung, row.addressee = step.rung, step.addressee.strip()
            row.after_hours, row.per_hour = step.after_hours, step.per_hour
        for offset in (PARKED, 0):  # past one another, without ever standing on the same rung
            for row in current.values():
                row.rung += offset or -PARKED
            Channel.objects.bulk_update(current.values(), ["rung", "addressee", "after_hours", "per_hour"])
        after = steps(current.values())
        events.record(
            "ladder.changed", by=by, at=at,
            details={"platform": platform.name, "old": _told(before), "new": _told(after)},
        )  # fmt: skip
    return after


def _problems(wanted: Sequence[Step], current: dict[int, Channel]) -> dict[str, str]:
    if sorted(step.channel.pk for step in wanted) != sorted(current):
        return {"steps": "Name every current channel of the platform once, and no other."}
    found: dict[str, str] = {}
    taken: dict[tuple[str, str, int], Step] = {}
    for step in sorted(wanted, key=lambda each: each.rung):
        key = str(step.channel.pk)
        place = (step.channel.kind, step.channel.language, step.rung)
        if place in taken:
            found[f"rung_{key}"] = "Another channel of this kind and language stands on this step."
        taken[place] = step
        if step.rung == FIRST and step.after_hours:
            found[f"after_hours_{key}"] = "The first step waits for nothing: write 0."
    numbers = sorted({step.rung for step in wanted})
    if numbers and numbers != list(range(FIRST, len(numbers) + 1)):
        found["steps"] = f"Number the steps 1 to {len(numbers)}, without a gap."
    return found


def _told(ladder: Sequence[Step]) -> str:
    return "; ".join(map(str, ladder)) or "none"
