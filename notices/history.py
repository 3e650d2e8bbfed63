"""Bringing recorded histories in: years of spreadsheets as one JSON Lines file, all of it or nothing.

The records go into the same append-only tables as live work, with their own times, so figures need no special
case. What the pages show (handling, presence, the current episode) is set once, from where the records end.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework import events, network
from casework.intake import key_digest
from casework.models import (
    Case,
    Category,
    Check,
    Copy,
    Hold,
    Item,
    Method,
    Presence,
    SetAside,
    SetAsideKind,
)
from casework.numbering import references
from notices import history_projection
from notices.history_checks import cross_check
from notices.history_records import LineError, Record, parse
from notices.models import (
    Acknowledgement,
    Answer,
    AnswerSource,
    DeliveryKind,
    DeliveryRecord,
    Line,
    Notice,
    NoticeStatus,
)
from platforms.models import Platform
from platforms.recognition import Recognition

ACTOR = "Import"
BATCH = 2000


COUNTED = {
    "item": "items", "check": "checks", "notice": "notices", "delivery_failed": "delivery_failures",
    "acknowledged": "acknowledgements", "answer": "answers", "withdrawn": "withdrawals", "hold": "holds",
    "invalid": "invalid", "copy": "copies",
}  # fmt: skip


class HistoryRefused(Exception):
    """Nothing was stored; `errors` names every wrong line, of `lines` that hold a record."""

    def __init__(self, errors: list[LineError], lines: int) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = sorted(errors, key=lambda error: error.line)
        self.lines = lines


@dataclass
class Links:
    """The records by type and the objects made from them, by the file's own references."""

    by_type: dict[str, list[Record]]
    read: dict[str, Recognition]
    items: dict[str, Item] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)

    def of(self, kind: str) -> list[Record]:
        return self.by_type.get(kind, [])


def import_history(path: str | Path, *, dry_run: bool = False) -> dict[str, Any]:
    """Read the file and store all of its records in a case of its own; returns counts.

    The case is `history-<first 12 hex digits of the file's SHA-256>`; the same file a second time is refused.
    Raises `HistoryRefused` with errors by line number (nothing is stored) and `OSError`.
    """
    content = Path(path).read_bytes()
    parsed = parse(content.split(b"\n"))
    by_type = _by_type(parsed.records)
    checked = cross_check(by_type, parsed.broken)
    errors = [*parsed.errors, *checked.errors]
    reference = f"history-{hashlib.sha256(content).hexdigest()[:12]}"
    if not parsed.lines:
        errors.append(LineError(1, "", "The file holds no record."))
    if Case.objects.filter(reference=reference).exists():
        errors.append(LineError(1, "", f"This very file has been brought in already, as case {reference}."))
    if errors:
        raise HistoryRefused(errors, parsed.lines)
    with transaction.atomic():
        _store(Links(by_type, checked.read), reference, Path(path).name)
        transaction.set_rollback(dry_run)
    counts = {name: len(by_type[kind]) for kind, name in COUNTED.items()}
    return {"lines": parsed.lines, **counts, "case": reference, "dry_run": dry_run, "errors": []}


def as_json(errors: Iterable[LineError]) -> list[dict[str, Any]]:
    return [asdict(error) for error in errors]


def _by_type(records: Iterable[Record]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.type].append(record)
    return grouped


def _store(links: Links, reference: str, filename: str) -> None:
    now = timezone.now()
    case = Case.objects.create(
        reference=reference, title=f"Recorded history: {filename}"[:200], opened_at=now, opened_by=None
    )
    _items(links, case)
    _notices(links)
    _append(links)
    history_projection.project(links.items.values(), list(links.notices.values()))
    events.record_all(_events(links, case, now))


def _items(links: Links, case: Case) -> None:
    platforms = {platform.slug: platform for platform in Platform.objects.all()}
    categories = {category.slug: category for category in Category.objects.all()}
    records = links.of("item")
    for number, record in zip(_numbers(records, "identified_at"), records, strict=True):
        read = links.read[record.address]
        links.items[record.ref] = Item(
            reference=number,
            case=case,
            address=record.address,
            canonical=read.canonical,
            printed=read.printed,
            platform=platforms[record.platform or read.platform],
            kind=record.kind or read.kind,
            namespace=read.namespace,
            identifier=(read.identifier or "")[:500],
            key=key_digest(read),
            recognition_rule=read.rule,
            rules_version=read.rules_version,
            owner=(read.owner or "")[:300],
            category=categories.get(record.category),
            language=record.language,
            found_at=record.identified_at,
            identified_at=record.recorded_at,
            identified_by_name=ACTOR,
            import_reference=record.ref,
            presence=Presence.LIVE,
            last_live_at=record.identified_at,
        )
    Item.objects.bulk_create(links.items.values(), batch_size=BATCH)
    network.reread(links.items.values())


def _numbers(records: list[Record], time: str, prefix: str = "") -> list[str]:
    """References by the year of each record, in the records' order."""
    years: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        years[timezone.localtime(record.values[time]).year].append(record)
    given = {
        year: iter(references(len(found), at=found[0].values[time], prefix=prefix))
        for year, found in years.items()
    }
    return [next(given[timezone.localtime(record.values[time]).year]) for record in records]


def _notices(links: Links) -> None:
    records = links.of("notice")
    for number, record in zip(_numbers(records, "sent_at", "N"), records, strict=True):
        links.notices[record.ref] = Notice(
            reference=number,
            kind=record.kind,
            platform=links.items[record.lines[0]].platform,
            channel_kind=record.channel,
            status=NoticeStatus.SENT,
            import_reference=record.ref,
            drafted_at=record.sent_at,
            sent_at=record.sent_at,
            sent_recorded_at=record.recorded_at,
            received_at=record.received_at or record.sent_at,
            t0_basis="received" if record.received_at else "sent",
        )
    Notice.objects.bulk_create(links.notices.values(), batch_size=BATCH)
    for record in records:
        for position, ref in enumerate(record.lines, 1):
            item = links.items[ref]
            links.lines[record.ref, ref] = Line(
                notice=links.notices[record.ref], item=item, position=position, address=item.address
            )
    Line.objects.bulk_create(links.lines.values(), batch_size=BATCH)
    DeliveryRecord.objects.bulk_create(_deliveries(links), batch_size=BATCH)


def _deliveries(links: Links) -> Iterable[DeliveryRecord]:
    for record in links.of("notice"):
        notice = links.notices[record.ref]
        yield DeliveryRecord(
            notice=notice, kind=DeliveryKind.SENT, at=record.sent_at, recorded_at=record.recorded_at
        )
        if record.received_at:
            yield DeliveryRecord(
                notice=notice, kind=DeliveryKind.RECEIVED, at=record.received_at,
                recorded_at=max(record.recorded_at, record.received_at),
            )  # fmt: skip
    for record in links.of("delivery_failed"):
        yield DeliveryRecord(
            notice=links.notices[record.notice],
            kind=DeliveryKind.FAILED,
            at=record.at,
            reason=record.reason,
            recorded_at=record.recorded_at,
        )


def _append(links: Links) -> None:
    items, notices = links.items, links.notices
    rows: dict[Any, list[Any]] = {
        Check: [
            Check(
                item=items[r.item], at=r.at, verdict=r.verdict, cause=r.cause, method=r.method,
                vantage=r.vantage, confidence=r.confidence, confirms=r.method == Method.PERSON, by_name=ACTOR,
                recorded_at=r.recorded_at,
            )
            for r in links.of("check")
        ],
        Hold: [
            Hold(
                item=items[r.item], authority=r.authority, placed_at=r.values["from"],
                placed_recorded_at=r.recorded_at, released_at=r.until,
                released_recorded_at=max(r.until, r.recorded_at) if r.until else None,
            )
            for r in links.of("hold")
        ],
        SetAside: [
            *(
                SetAside(item=items[r.item], kind=SetAsideKind.WITHDRAWN, at=r.at, recorded_at=r.recorded_at)
                for r in links.of("withdrawn")
            ),
            *(
                SetAside(
                    item=items[r.item], kind=SetAsideKind.INVALID, at=r.at, reason=r.reason,
                    confirmed_by=r.confirmed_by, recorded_at=r.recorded_at,
                )
                for r in links.of("invalid")
            ),
        ],
        Copy: [
            Copy(item=items[r.item], of=items[r.of], at=r.at, recorded_at=r.recorded_at)
            for r in links.of("copy")
        ],
        Acknowledgement: [
            Acknowledgement(
                notice=notices[r.notice], at=r.at, automatic=r.automatic, by_name=ACTOR,
                recorded_at=r.recorded_at,
            )
            for r in links.of("acknowledged")
        ],
        Answer: [
            Answer(
                line=links.lines[r.notice, r.item], answer=r.answer, refusal_code=r.refusal_code, at=r.at,
                effective_at=r.effective_at, territories=list(r.territories), source=AnswerSource.IMPORTED,
                by_name=ACTOR, recorded_at=r.recorded_at,
            )
            for r in links.of("answer")
        ],
    }  # fmt: skip
    for model, made in rows.items():
        model.objects.bulk_create(made, batch_size=BATCH)


def _events(links: Links, case: Case, now: datetime) -> Iterable[Any]:
    yield events.build("case.imported", by=None, at=now, case=case, new="open", actor_name=ACTOR)
    for record in links.of("item"):
        yield events.build(
            "item.imported", by=None, at=record.identified_at, recorded_at=now, item=links.items[record.ref],
            new=links.items[record.ref].status, details={"reference": record.ref}, actor_name=ACTOR,
        )  # fmt: skip
    for record in links.of("notice"):
        yield events.build(
            "notice.imported", by=None, at=record.sent_at, recorded_at=now,
            notice=links.notices[record.ref].reference, new=links.notices[record.ref].status,
            details={"reference": record.ref}, actor_name=ACTOR,
        )  # fmt: skip
