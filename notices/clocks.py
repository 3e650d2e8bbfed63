"""The clock of a notice: when the answer is due by what the platform has promised, and whether that was kept.

Read from append-only records alone, as far as they were known then: deliveries, events, answers and the versions of
commitments. `Notice.due_at` keeps the due time for lists; `NoticeQuerySet.with_clock` says the same from columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q
from django.utils import timezone

from casework.models import Event
from notices.models import (
    Answer,
    ClockState,
    DeliveryKind,
    DeliveryRecord,
    Line,
    Notice,
    NoticeStatus,
)
from platforms import deadlines
from platforms.models import Commitment, binding


class What(StrEnum):
    """What matters to a clock."""

    RECEIVED = "received"
    FAILED = "failed"
    CAME_IN = "came_in"
    ASKED = "asked"
    RESUMED = "resumed"
    ENDED = "ended"


CAME_IN = ("notice.acknowledged", "notice.line_answered", "notice.part_answered", "notice.answered")
ENDS = ("notice.withdrawn", "notice.discarded")


@dataclass(frozen=True, order=True)
class Fact:
    at: datetime
    recorded_at: datetime
    what: What


@dataclass
class Course:
    """How the time went: from the receipt, with its pauses; `since` is when the one began that still lasts."""

    start: datetime | None = None
    pauses: list[deadlines.Span] = field(default_factory=list)
    since: datetime | None = None
    failed: bool = False
    heard: bool = False  # the platform had it: what it says proves that
    ended_at: datetime | None = None

    def follow(self, facts: Iterable[Fact]) -> "Course":
        for fact in sorted(facts):
            self._take(fact.what, fact.at)
        return self

    def _take(self, what: What, at: datetime) -> None:
        match what:
            case What.RECEIVED:
                self._receive(at)
            case What.FAILED | What.ASKED:
                self.since, self.failed = self.since or at, what == What.FAILED
                self.heard = self.heard or what == What.ASKED
            case What.CAME_IN:
                self.heard = True
            case What.RESUMED:
                self._resume(at)
            case What.ENDED:
                self.ended_at = at

    def _receive(self, at: datetime) -> None:
        """A letter that came back was not there: the time begins anew, unless the platform had shown to have it."""
        if self.failed and self.heard:
            self._resume(at)
        elif self.failed:
            self.start, self.since, self.pauses = at, None, []
        else:
            self.start = at
        self.failed = False

    def _resume(self, at: datetime) -> None:
        if self.since is not None:
            self.pauses.append((self.since, max(at, self.since)))
        self.since = None

    def due(self, promise: Commitment | None, at: datetime) -> datetime | None:
        """When the answer is due; while the clock stands, as if it went on at `at`."""
        allowed = promise.allowed() if promise else None
        if self.start is None or allowed is None:
            return None
        lasting = [(self.since, at)] if self.since is not None and self.since < at else []
        return deadlines.due_at(self.start, allowed, [*self.pauses, *lasting])


@dataclass(frozen=True)
class Clock:
    """Where it stands at `at`; `left` is negative once the time is over, and None where nothing runs."""

    state: ClockState
    due_at: datetime | None
    at: datetime
    started_at: datetime | None = None
    answered_at: datetime | None = None
    promise: Commitment | None = None

    @property
    def left(self) -> timedelta | None:
        return self.due_at - (self.answered_at or self.at) if self.due_at else None

    @property
    def due_there(self) -> str:
        """The due time where the office is, if working time is counted and that is not London; else ""."""
        if self.due_at is None or self.promise is None or not self.promise.counted():
            return ""
        local = self.due_at.astimezone(ZoneInfo(self.promise.zone))
        return (
            ""
            if self.promise.zone == "Europe/London"
            else f"{local.day} {local:%b %Y, %H:%M} {self.promise.zone}"
        )


def tell(course: Course, promise: Commitment | None, answered_at: datetime | None, at: datetime) -> Clock:
    """The state at `at` of a clock that has run so."""
    due = course.due(promise, at)
    return Clock(_state(course, due, answered_at, at), due, at, course.start, answered_at, promise)


def _state(course: Course, due: datetime | None, answered_at: datetime | None, at: datetime) -> ClockState:
    ended = answered_at or course.ended_at
    if course.failed:
        return ClockState.LIFTED if ended else ClockState.PAUSED
    if due is None:
        return ClockState.NOT_PROMISED
    if ended is not None and ended <= due:
        return ClockState.MET if answered_at else ClockState.LIFTED
    if ended is None and course.since is not None and course.since <= due:
        return ClockState.PAUSED
    return ClockState.MISSED if (ended or at) > due else ClockState.RUNNING


# -- From the records --------------------------------------------------------------------------------------------


def read(notice: Notice, *, at: datetime | None = None, known_by: datetime | None = None) -> Clock | None:
    """The clock of one notice; see `read_all`."""
    return read_all([notice], at=at, known_by=known_by).get(notice.pk)


def read_all(
    notices: Sequence[Notice], *, at: datetime | None = None, known_by: datetime | None = None
) -> dict[int, Clock]:
    """The clocks at `at` (default: now) of those that had left by then, as known by `known_by` (default: as known now).

    At most five queries whatever their number.
    """
    at = at or timezone.now()
    facts = _facts(notices, at, known_by)
    answered = _answered(notices, at, known_by)
    promises = _promises(notices, known_by)
    found = {}
    for notice in notices:
        course = Course().follow(facts[notice.pk])
        if not notice.asks_removal or (course.start is None and not course.failed):
            continue
        promise = promises.of(notice, notice.severity, course.start or at)
        found[notice.pk] = tell(course, promise, answered.get(notice.pk), at)
    return found


def due(notice: Notice, what: What, at: datetime) -> datetime | None:
    """When the answer will be due once `what` has happened at `at`, which is not recorded yet."""
    return due_all([(notice, at)], what)[notice.pk]


def due_all(happened: Sequence[tuple[Notice, datetime]], what: What) -> dict[int, datetime | None]:
    """`due` for many notices, to each of which it has happened at a time of its own; three queries, or four."""
    notices, now = [notice for notice, _ in happened], timezone.now()
    facts = _facts(notices, max([now, *(at for _, at in happened)]), None)
    promises = _promises(notices, None)
    found = {}
    for notice, at in happened:
        latest = max(at, now)
        known = [fact for fact in facts[notice.pk] if fact.at <= latest]
        course = Course().follow([*known, Fact(at, latest, what)])
        found[notice.pk] = course.due(promises.of(notice, notice.severity, course.start or at), at)
    return found


def promise_for(notice: Notice, severity: str, at: datetime | None = None) -> Commitment | None:
    """What the platform has promised for such a notice, received at `at` (default: now)."""
    return _promises([notice], None).of(notice, severity, at or timezone.now())


def _known(known_by: datetime | None) -> Q:
    return Q(recorded_at__lte=known_by) if known_by else Q()


def _facts(notices: Sequence[Notice], at: datetime, known_by: datetime | None) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = defaultdict(list)
    known = Q(at__lte=at) & _known(known_by)
    of_delivery = {DeliveryKind.SENT: What.RECEIVED, DeliveryKind.RECEIVED: What.RECEIVED,
                   DeliveryKind.FAILED: What.FAILED}  # fmt: skip
    records = DeliveryRecord.objects.filter(known, notice__in=notices, kind__in=of_delivery)
    for pk, kind, then, recorded in records.values_list("notice_id", "kind", "at", "recorded_at"):
        found[pk].append(Fact(then, recorded, of_delivery[DeliveryKind(kind)]))
    keys = {notice.reference: notice.pk for notice in notices}
    told = Event.objects.filter(known, notice__in=keys, item__isnull=True)
    for reference, kind, old, then, recorded in told.values_list(
        "notice", "kind", "old", "at", "recorded_at"
    ):
        found[keys[reference]] += [Fact(then, recorded, what) for what in _meanings(kind, old)]
    return found


def _meanings(kind: str, old: str) -> Iterable[What]:
    if kind == "notice.clarification_asked":
        yield What.ASKED
    elif old == NoticeStatus.CLARIFICATION:
        yield What.RESUMED
    if kind in CAME_IN:
        yield What.CAME_IN
    if kind in ENDS:
        yield What.ENDED


def _answered(notices: Sequence[Notice], at: datetime, known_by: datetime | None) -> dict[int, datetime]:
    """When the last line got its first answer; without those that have an open line."""
    first = dict(
        Answer.objects.filter(_known(known_by), line__notice__in=notices, at__lte=at)
        .order_by()
        .values_list("line")
        .annotate(Min("at"))
    )
    complete: dict[int, datetime | None] = {}
    lines = Line.objects.filter(notice__in=notices).order_by()
    for pk, line in lines.values_list("notice_id", "pk"):
        so_far, then = complete.get(pk, datetime.min), first.get(line)
        complete[pk] = None if so_far is None or then is None else _later(so_far, then)
    return {pk: then for pk, then in complete.items() if then is not None}


def _later(so_far: datetime, then: datetime) -> datetime:
    return then if so_far == datetime.min else max(so_far, then)


@dataclass(frozen=True)
class _Promises:
    by_platform: dict[int, list[Commitment]]
    alike: dict[
        int, tuple[str, str]
    ]  # notice: the kind and the category of all its items, "" where they differ

    def of(self, notice: Notice, severity: str, at: datetime) -> Commitment | None:
        if not notice.asks_removal:
            return None
        if notice.import_reference:  # what was promised to others, in an earlier time, is not known
            return None
        kind, category = self.alike.get(notice.pk, ("", ""))
        return binding(self.by_platform[notice.platform_id], severity, kind, category, at)


def _promises(notices: Sequence[Notice], known_by: datetime | None) -> _Promises:
    by_platform: dict[int, list[Commitment]] = defaultdict(list)
    platforms = {notice.platform_id for notice in notices}
    for promise in Commitment.objects.filter(_known(known_by), platform__in=platforms):
        by_platform[promise.platform_id].append(promise)
    if not any(each.item_kind or each.category for some in by_platform.values() for each in some):
        return _Promises(by_platform, {})
    sorts = (
        Line.objects.filter(notice__in=notices)
        .order_by()
        .values("notice_id")
        .annotate(
            kind=Min("item__kind"), kind_to=Max("item__kind"),
            category=Min("item__category__slug"), category_to=Max("item__category__slug"),
            unsorted=Min("item__pk", filter=Q(item__category__isnull=True)),
        )
    )  # fmt: skip
    return _Promises(by_platform, {row["notice_id"]: _alike(row) for row in sorts})


def _alike(row: Mapping[str, Any]) -> tuple[str, str]:
    kind = row["kind"] if row["kind"] == row["kind_to"] else ""
    one = row["category"] == row["category_to"] and row["unsorted"] is None
    return str(kind), str(row["category"] or "") if one else ""
