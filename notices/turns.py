"""What no person does and yet happens: an answer falls due soon, is overdue, a claim and our finding part."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from casework import disputes, events
from casework.models import Event, Item
from notices.models import Line, Notice, NoticeKind

ONE_WATCHER = 0x5EA1_0000_0011  # advisory lock
SOON = timedelta(hours=24)


def note(at: datetime | None = None) -> int:
    """Record each such turn once, as an event of its notice; returns how many. Two processes do no harm."""
    at = at or timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_WATCHER])
            if not cursor.fetchone()[0]:
                return 0
        return len(events.record_all([*_due_soon(at), *_overdue(at), *_disputed(at)]))


def _due_soon(at: datetime) -> list[Event]:
    told = Event.objects.filter(
        notice=OuterRef("reference"), kind="notice.due_soon", at__gte=OuterRef("due_at") - SOON
    )
    rows = Notice.objects.due_within(SOON, at).exclude(kind=NoticeKind.CHASER).filter(~Exists(told))
    return [
        events.build("notice.due_soon", by=None, at=at, notice=reference, details={"due_at": due.isoformat()})
        for reference, due in rows.order_by("due_at", "pk").values_list("reference", "due_at")
        if due
    ]


def _overdue(at: datetime) -> list[Event]:
    told = Event.objects.filter(notice=OuterRef("reference"), kind="notice.overdue", at=OuterRef("due_at"))
    rows = Notice.objects.overdue(at).exclude(kind=NoticeKind.CHASER).filter(~Exists(told))
    return [
        events.build("notice.overdue", by=None, at=due, notice=reference)
        for reference, due in rows.order_by("due_at", "pk").values_list("reference", "due_at")
        if due
    ]


def _disputed(at: datetime) -> list[Event]:
    """Of each item the last claim: what its notice's line says now."""
    told = Event.objects.annotate(line=KeyTextTransform("line", "details")).filter(
        notice=OuterRef("notice__reference"),
        kind="notice.disputed",
        line=Cast(OuterRef("position"), TextField()),
        at__gte=OuterRef("answered_at"),
    )
    disputed = disputes.said_removed(Item.objects.all()).values("pk")
    lines = Line.objects.filter(~Exists(told), item__in=disputed, answered_at=F("item__claim_at"))
    return [
        events.build(
            "notice.disputed",
            by=None,
            at=at,
            notice=reference,
            details={"line": position, "item": item, "claim": claim},
        )
        for reference, position, item, claim in lines.order_by("pk").values_list(
            "notice__reference", "position", "item__reference", "answer"
        )
    ]
