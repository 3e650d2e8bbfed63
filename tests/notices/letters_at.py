"""Items and notices at a stage, made by the real verbs."""

import itertools
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import User
from casework import assessment, evidence
from casework.cases import open_case
from casework.intake import NewItem, identify
from casework.models import Case, Category, Ground, Item
from notices import dispatch, drafting
from notices.models import Notice
from platforms.models import Channel, ChannelKind, Platform, PolicyClause
from tests.factories import PIXEL

ADDRESSES = {
    "x": "https://x.com/seller/status/17{:017d}",
    "facebook": "https://www.facebook.com/seller/posts/10{:015d}",
}
REASONS = "Offers places in a small boat and names a price."
COUNTER = itertools.count(1)


@dataclass
class Desk:
    """Who works here: `second` approves what `first` made."""

    first: User
    second: User
    liaison: User

    def item(
        self,
        platform: str = "x",
        *,
        ground: str = "bsaia_2025_17",
        at: datetime | None = None,
        **more: object,
    ) -> Item:
        """One approved item, seen live at `at` (default: now)."""
        at = at or timezone.now()
        address = ADDRESSES[platform].format(next(COUNTER))
        found = identify([NewItem(address=address, found_at=at)], case=self.case(), by=self.first, at=at)
        item = found.items[0]
        if more.get("note"):
            Item.objects.filter(pk=item.pk).update(note=more.pop("note"))
        assessed = {
            "category": Category.objects.get(slug="small_boat_advert"),
            "ground": Ground.objects.get(slug=ground),
            "rationale": REASONS,
            "severity": "high",
            "protected_speech": "none",
            "policy_clause": PolicyClause.objects.filter(platform=item.platform).first(),
            **more,
        }
        assessment.assess(item, by=self.first, at=at, **assessed)
        evidence.attach(item, content=PIXEL, filename="seen.png", by=self.first, at=at)
        return assessment.approve(item, by=self.second, at=at)

    def case(self) -> Case:
        return Case.objects.filter(reference="OP-1").first() or open_case(
            "OP-1", title="Crossings", by=self.first
        )

    def draft(
        self, *, lines: int = 2, platform: str = "x", kind: str = ChannelKind.MAIL, at: datetime | None = None
    ) -> Notice:
        """A draft whose sender is stated, over a channel of this kind."""
        items = [self.item(platform, at=at) for _ in range(lines)]
        [notice] = drafting.draft(items, channel=channel(platform, kind), by=self.first, at=at)
        return drafting.set_sender(
            notice, organisation="Referral Centre", name="Referral desk", email="desk@centre.example",
            good_faith=True, by=self.first,
        )  # fmt: skip

    def submitted(self, **how: object) -> Notice:
        return drafting.submit(self.draft(**how), by=self.first, at=how.get("at"))

    def approved(self, **how: object) -> Notice:
        return drafting.approve(self.submitted(**how), by=self.second, at=how.get("at"))

    def queued(self, **how: object) -> Notice:
        notice = self.approved(**how)
        dispatch.queue(notice, by=self.first, at=how.get("at"))
        return notice

    def sent(self, **how: object) -> Notice:
        """Sent through the portal unless another kind is named."""
        notice = self.queued(**{"kind": ChannelKind.PORTAL, **how})
        dispatch.send_due(how.get("at"))
        notice.refresh_from_db()
        return notice


def channel(platform: str, kind: str) -> Channel:
    address = "legal@platform.example" if kind in {ChannelKind.MAIL, ChannelKind.WEBHOOK} else ""
    found, _ = Channel.objects.get_or_create(
        platform=Platform.objects.get(slug=platform), kind=kind, defaults={"address": address, "rung": 1}
    )
    return found


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def sending() -> tuple[threading.Thread, list[int]]:
    """A sender with a connection of its own, and how many messages it got rid of."""
    counted: list[int] = []

    def sends() -> None:
        try:
            counted.append(dispatch.send_due())
        finally:
            connection.close()

    thread = threading.Thread(target=sends)
    thread.start()
    return thread, counted
