"""Where a recorded history ends: handling, presence, claim and episode of its items, as live work would have left them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from casework.models import (
    GONE,
    OBSERVATIONS,
    SEEN_LIVE,
    Check,
    ClosedAs,
    Confidence,
    Episode,
    Item,
    ItemStatus,
    Presence,
    SetAside,
    SetAsideKind,
    Verdict,
)
from notices.answers import claims_removal
from notices.models import Acknowledgement, Answer, DeliveryKind, DeliveryRecord, Line, Notice, NoticeKind, NoticeStatus

BATCH = 2000
ITEM_COLUMNS = (
    "status", "closed_at", "closed_as", "presence", "last_verdict", "last_checked_at", "last_live_at", "gone_at",
    "gone_cause", "notified_at", "received_at", "claim", "claims_removal", "claim_at",
)  # fmt: skip
NOTICE_COLUMNS = ("status", "acknowledged_at", "answered_at")


def project(items: Iterable[Item], notices: Sequence[Notice]) -> None:
    """Set the projection columns of newly made items, lines and notices from their append-only records."""
    by_item = {item.pk: item for item in items}
    lines = list(Line.objects.filter(notice__in=[notice.pk for notice in notices]).order_by("pk"))
    by_notice = {notice.pk: notice for notice in notices}
    failed = set(
        DeliveryRecord.objects.filter(notice__in=by_notice, kind=DeliveryKind.FAILED).values_list("notice_id", flat=True)
    )
    _notified(by_item, by_notice, lines, failed)
    _answers(by_item, by_notice, lines, failed)
    _presence(by_item)
    _set_aside(by_item)
    Item.objects.bulk_update(by_item.values(), ITEM_COLUMNS, batch_size=BATCH)
    Episode.objects.bulk_create(
        (
            Episode(
                item=item, number=1, t0=item.received_at, t0_basis=item.first_notice.t0_basis,
                channel=item.first_notice.channel_kind,
                closed_at=item.gone_at if item.status == ItemStatus.WATCHING else item.closed_at,
            )
            for item in by_item.values()
            if item.received_at
        ),
        batch_size=BATCH,
    )  # fmt: skip


def _notified(items: dict[int, Item], notices: dict[int, Notice], lines: list[Line], failed: set[int]) -> None:
    for line in sorted(lines, key=lambda line: notices[line.notice_id].received_at):
        notice, item = notices[line.notice_id], items[line.item_id]
        if notice.pk in failed:
            continue
        item.status = ItemStatus.NOTIFIED
        item.notified_at = item.notified_at or notice.sent_at
        if item.received_at is None and notice.kind == NoticeKind.NOTICE:
            item.received_at, item.first_notice = notice.received_at, notice


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
        item.claim, item.claim_at = answer.answer, answer.at
        item.claims_removal = claims_removal(answer.answer, answer.territories)
        notice = notices[line.notice_id]
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
    Line.objects.bulk_update(lines, ["answer", "refusal_code", "answered_at"], batch_size=BATCH)
    Notice.objects.bulk_update(notices.values(), NOTICE_COLUMNS, batch_size=BATCH)


def _presence(items: dict[int, Item]) -> None:
    hours = {item.platform_id: item.platform.confirm_hours for item in items.values()}
    looks: dict[int, list[Check]] = defaultdict(list)
    for check in Check.objects.filter(item__in=items).order_by("at", "pk"):
        looks[check.item_id].append(check)
    for pk, checks in looks.items():
        item = items[pk]
        item.last_verdict, item.last_checked_at = checks[-1].verdict, checks[-1].at
        first_gone: Check | None = None
        for check in checks:
            if check.verdict in SEEN_LIVE:
                item.last_live_at = max(item.last_live_at, check.at) if item.last_live_at else check.at
                item.presence = Presence.LIVE if check.verdict == Verdict.LIVE else Presence.RESTRICTED
                first_gone, item.gone_at, item.gone_cause = None, None, ""
            elif check.verdict in OBSERVATIONS and first_gone is None:
                first_gone = check
                item.presence = Presence.PERHAPS_GONE
            if first_gone and item.gone_at is None and _confirms(check, first_gone, hours[item.platform_id]):
                item.presence, item.gone_at, item.gone_cause = Presence.GONE, first_gone.at, check.cause
        if item.presence == Presence.GONE and item.status == ItemStatus.NOTIFIED:
            item.status = ItemStatus.WATCHING


def _confirms(check: Check, first: Check, hours: int) -> bool:
    if check.verdict not in GONE:
        return False
    both_sure = check.confidence == first.confidence == Confidence.HIGH
    return check.confirms or (both_sure and check.at - first.at >= timedelta(hours=hours))


def _set_aside(items: dict[int, Item]) -> None:
    ends: dict[int, datetime] = dict(
        SetAside.objects.filter(item__in=items, kind=SetAsideKind.WITHDRAWN).values_list("item_id", "at")
    )
    for pk, at in ends.items():
        item = items[pk]
        item.status, item.closed_at, item.closed_as = ItemStatus.CLOSED, at, ClosedAs.WITHDRAWN
