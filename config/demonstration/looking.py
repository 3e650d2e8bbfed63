"""Looking at items: what an address really shows, and somebody who looks when a look is due."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from casework import checks, evidence
from casework.models import Evidence, Item, ItemStatus, Presence
from config.demonstration import content
from config.demonstration.diary import Diary

LOOKED_AT = frozenset({ItemStatus.NOTIFIED, ItemStatus.WATCHING})
UNSEEN = timedelta(hours=40)  # nobody has looked since the day before yesterday: today's work
SHARE_WITH_PICTURE = 0.05  # of the looks that a picture would not confirm


@dataclass
class Truth:
    """Live until `gone_at`, then gone for this cause, and live again from `back_at` on; or closed to the UK."""

    gone_at: datetime | None = None
    cause: str = ""
    back_at: datetime | None = None
    blocked_at: datetime | None = None

    def shows(self, at: datetime) -> tuple[str, str]:
        """Verdict and cause at this time."""
        gone = self.gone_at is not None and self.gone_at <= at
        back = self.back_at is not None and self.back_at <= at
        if gone and not back:
            return "gone", self.cause or "unknown"
        blocked = self.blocked_at is not None and self.blocked_at <= at
        return ("geo_blocked" if blocked else "live"), ""


class Watch:
    """One officer who looks within the hour, after each look planning the next."""

    def __init__(self, by: User, diary: Diary, random: Random) -> None:
        self.by, self.diary, self.random = by, diary, random
        self.truths: dict[int, Truth] = defaultdict(Truth)
        self.planned: dict[int, datetime] = {}

    def look_at(self, pk: int, moment: datetime) -> None:
        """Look then, instead of when it was planned before."""
        if moment < self.diary.until - UNSEEN:
            self.planned[pk] = moment
            self.diary.plan(moment, lambda: self._visit(pk, moment))

    def _visit(self, pk: int, moment: datetime) -> None:
        if self.planned.get(pk) != moment:
            return
        item = Item.objects.select_related("platform").get(pk=pk)
        if item.status in LOOKED_AT:
            self.see(item)
            if item.status in LOOKED_AT and item.next_check_at:
                self.look_at(pk, max(item.next_check_at, moment) + self._some_minutes())

    def _some_minutes(self) -> timedelta:
        return timedelta(minutes=self.random.randrange(4, 40))

    def see(self, item: Item) -> None:
        """Record what the address shows now; a removal is confirmed at once, by a picture."""
        verdict, cause = self.truths[item.pk].shows(timezone.now())
        news = verdict == "gone" and item.presence != Presence.GONE
        self.record(item, verdict, cause, picture=news or self.random.random() < SHARE_WITH_PICTURE)

    def record(self, item: Item, verdict: str, cause: str = "", *, picture: bool = False) -> None:
        exhibit = self._picture(item, verdict) if picture else None
        checks.record(item, verdict=verdict, cause=cause, exhibit=exhibit, by=self.by)

    def _picture(self, item: Item, verdict: str) -> Evidence:
        shown = "this content is not available" if verdict == "gone" else "still there"
        return evidence.attach(
            item,
            content=content.screenshot(
                [f"{item.reference}: {shown}"], shade=235 if verdict == "gone" else 150
            ),
            filename=f"{item.reference}-{verdict}.png",
            media_type="image/png",
            description="As seen",
            by=self.by,
        )
