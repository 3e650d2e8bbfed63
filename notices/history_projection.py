"""Where a recorded history ends: handling, presence, claim and episodes, as live work would have it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter

from django.db.models import QuerySet

from casework.models import (
    OBSERVATIONS,
    Check,
    ClosedAs,
    Episode,
    Hold,
    Item,
    ItemStatus,
    Presence,
    SetAside,
    SetAsideKind,
)
from casework.presence import Finding, settle
from casework.rewriting import rewrite
from notices.answer_rules import claims_removal
from notices.models import (
    Acknowledgement,
    Answer,
    DeliveryKind,
    DeliveryRecord,
    Line,
    Notice,
    NoticeKind,
    NoticeStatus,
)

BATCH = 2000
ITEM_COLUMNS = (
    "status", "status_before", "closed_at", "closed_as", "presence", "last_verdict", "last_checked_at",
    "last_live_at", "gone_at", "gone_cause", "reappeared_at", "watch_until", "notified_at", "received_at",
    "claim", "claims_removal", "claim_at",
)  # fmt: skip
NOTICE_COLUMNS = ("status", "acknowledged_at", "answered_at")
LOOK, NOTICE, WITHDRAWAL = range(3)  # the order of what happened at the same moment


def project(items: Iterable[Item], notices: Sequence[Notice]) -> None:
    """Set the projection columns of newly made items, lines and notices from their append-only records."""
    by_item = {item.pk: item for item in items}
    by_notice = {notice.pk: notice for notice in notices}
    lines = list(Line.objects.filter(notice__in=by_notice).order_by("pk"))
    failed = set(
        DeliveryRecord.objects.filter(notice__in=by_notice, kind=DeliveryKind.FAILED).values_list(
            "notice_id", flat=True
        )
    )
    courses = {pk: Course(item) for pk, item in by_item.items()}
    for pk, moments in _moments(by_item, by_notice, lines, failed).items():
        courses[pk].follow(moments)
    _held([course.item for course in courses.values() if course.item.status == ItemStatus.REPORTED])
    _answers(by_item, by_notice, lines, failed)
    rewrite(by_item.values(), ITEM_COLUMNS)
    Episode.objects.bulk_create(
        (episode for course in courses.values() for episode in course.episodes), batch_size=BATCH
    )


Moment = tuple[datetime, int, Check | Notice | None]


@dataclass
class Course:
    """One item's way through its looks, notices and withdrawals."""

    item: Item
    episodes: list[Episode] = field(default_factory=list)
    looks: list[Check] = field(default_factory=list)
    finding: Finding = field(default_factory=Finding)

    def follow(self, moments: list[Moment]) -> None:
        for at, _, what in sorted(moments, key=itemgetter(0, 1)):
            if isinstance(what, Check):
                self._look(what)
            elif isinstance(what, Notice):
                self._notified(what, at)
            else:
                self._close(ClosedAs.WITHDRAWN, at)
        self._stamp_presence()

    def _look(self, check: Check) -> None:
        self.looks.append(check)
        if check.verdict not in OBSERVATIONS:
            return
        was_gone = self.finding.presence == Presence.GONE
        item = self.item
        hours = item.platform.confirm_hours
        self.finding = settle(self.looks, confirm_hours=hours, found_live_at=item.found_at)
        if self.finding.presence == Presence.GONE and not was_gone:
            self._gone(check.at)
        elif was_gone and self.finding.presence != Presence.GONE:
            self._came_back()

    def _gone(self, at: datetime) -> None:
        if self.item.status == ItemStatus.NOTIFIED:
            self.item.status = ItemStatus.WATCHING
            self.item.watch_until = at + timedelta(days=self.item.platform.watch_days)
            self._end_episode(at)
        elif self.item.status == ItemStatus.REPORTED:
            self._close(ClosedAs.GONE_BEFORE_NOTICE, at)

    def _came_back(self) -> None:
        item = self.item
        if item.status == ItemStatus.WATCHING or item.closed_as == ClosedAs.GONE_BEFORE_NOTICE:
            item.status = ItemStatus.APPROVED if item.notified_at else ItemStatus.REPORTED
            item.closed_at, item.closed_as, item.watch_until = None, "", None

    def _notified(self, notice: Notice, t0: datetime) -> None:
        item = self.item
        item.notified_at = item.notified_at or notice.sent_at
        gone = self.finding.presence == Presence.GONE
        if notice.kind != NoticeKind.NOTICE or gone:
            return
        item.status, item.closed_at, item.closed_as = ItemStatus.NOTIFIED, None, ""
        if not self.episodes or self.episodes[-1].closed_at:
            number = len(self.episodes) + 1
            opened = Episode(
                item=item, number=number, t0=t0, t0_basis=notice.t0_basis, channel=notice.channel_kind
            )
            self.episodes.append(opened)
            item.received_at = t0

    def _close(self, outcome: ClosedAs, at: datetime) -> None:
        item = self.item
        item.status, item.closed_at, item.closed_as, item.watch_until = ItemStatus.CLOSED, at, outcome, None
        self._end_episode(at)

    def _end_episode(self, at: datetime) -> None:
        if self.episodes and self.episodes[-1].closed_at is None:
            self.episodes[-1].closed_at = max(at, self.episodes[-1].t0)

    def _stamp_presence(self) -> None:
        item, finding = self.item, self.finding
        if self.looks:
            item.last_verdict, item.last_checked_at = self.looks[-1].verdict, self.looks[-1].at
        if finding.last:
            item.presence, item.last_live_at = finding.presence, finding.last_live_at
            item.gone_at, item.gone_cause = finding.gone_at, finding.gone_cause
            item.reappeared_at = finding.reappeared_at


def _moments(
    items: dict[int, Item], notices: dict[int, Notice], lines: list[Line], failed: set[int]
) -> dict[int, list[Moment]]:
    moments: dict[int, list[Moment]] = defaultdict(list)
    for check in Check.objects.filter(item__in=items).order_by("at", "pk"):
        moments[check.item_id].append((check.at, LOOK, check))
    for line in lines:
        notice = notices[line.notice_id]
        if notice.pk not in failed and notice.received_at and notice.asks_removal:
            moments[line.item_id].append((notice.received_at, NOTICE, notice))
    for pk, at in _withdrawn(items):
        moments[pk].append((at, WITHDRAWAL, None))
    return moments


def _withdrawn(items: dict[int, Item]) -> QuerySet[SetAside, tuple[int, datetime]]:
    found = SetAside.objects.filter(item__in=items, kind=SetAsideKind.WITHDRAWN)
    return found.values_list("item_id", "at")


def _held(reported: list[Item]) -> None:
    """An item with no notice, still held, waits; a hold on a notified one only counts in the figures."""
    held = set(
        Hold.objects.filter(item__in=reported, released_at__isnull=True).values_list("item_id", flat=True)
    )
    for item in reported:
        if item.pk in held:
            item.status, item.status_before = ItemStatus.ON_HOLD, ItemStatus.IN_ASSESSMENT


def _answers(items: dict[int, Item], notices: dict[int, Notice], lines: list[Line], failed: set[int]) -> None:
    by_line = {line.pk: line for line in lines}
    open_lines: dict[int, int] = defaultdict(int)
    for line in lines:
        open_lines[line.notice_id] += 1
    for answer in Answer.objects.filter(line__in=by_line).order_by("at", "pk"):
        line = by_line[answer.line_id]
        open_lines[line.notice_id] -= line.answer == ""
        line.answer, line.refusal_code, line.answered_at = answer.answer, answer.refusal_code, answer.at
        item = items[line.item_id]
        notice = notices[line.notice_id]
        if notice.asks_removal:
            item.claim, item.claim_at = answer.answer, answer.at
            item.claims_removal = claims_removal(answer.answer, answer.territories)
        notice.status = NoticeStatus.PART_ANSWERED
        if open_lines[notice.pk] == 0:
            notice.status, notice.answered_at = NoticeStatus.ANSWERED, answer.at
    for acknowledgement in Acknowledgement.objects.filter(notice__in=notices, automatic=False).order_by("at"):
        notice = notices[acknowledgement.notice_id]
        notice.acknowledged_at = notice.acknowledged_at or acknowledgement.at
        if notice.status == NoticeStatus.SENT:
            notice.status = NoticeStatus.ACKNOWLEDGED
    for pk in failed:
        notices[pk].status = NoticeStatus.DELIVERY_FAILED
    rewrite(lines, ["answer", "refusal_code", "answered_at"])
    rewrite(notices.values(), NOTICE_COLUMNS)
