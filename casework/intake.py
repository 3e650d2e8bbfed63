"""Identification: from pasted text or rows of a file to items, with every duplicate known before anything is saved."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.limits import far_off
from accounts.models import User
from accounts.roles import Permission, require
from casework import events, network, pasting
from casework.copying import alike, copy_rows
from casework.known import OPEN_ELSEWHERE, Known, known_items
from casework.models import Case, CaseStatus, Category, Item, ItemStatus, Kind, Presence
from casework.numbering import references
from casework.transitions import TransitionNotAllowed
from platforms import recognition
from platforms.models import Platform
from platforms.recognition import NotAnAddress, Recognition
from platforms.warnings import Warned, warnings

KINDS = frozenset(Kind.values)
LONGEST = {"title": 300, "language": 10, "source": 120, "import_reference": 200}
TAKEN = "SELECT key FROM casework_item WHERE case_id = %s AND key = ANY(%s) AND NOT status = ANY(%s)"


@dataclass
class Candidate:
    """One address as it would become an item; `problem` says why it cannot."""

    row: int
    address: str
    line: int = 0
    column: int = 0
    raw: str = ""
    platform: str | None = None
    platform_name: str = ""
    kind: str = ""
    identifier: str = ""
    canonical: str = ""
    printed: str = ""
    namespace: str = ""
    key: str = ""
    owner: str = ""
    account: tuple[str, str] | None = None
    rule: str = ""
    rules_version: str = ""
    needs_network: bool = False
    warnings: tuple[Warned, ...] = ()
    problem: str = ""
    duplicate_in_paste: int | None = None
    known: list[Known] = field(default_factory=list)

    @property
    def open_here(self) -> Known | None:
        """The open item of the same case that this would duplicate."""
        return next(
            (
                known
                for known in self.known
                if known.same_case and known.has_key and known.status in OPEN_ELSEWHERE
            ),
            None,
        )

    @property
    def duplicate_of(self) -> Known | None:
        """The item that it names again: the open one of this case, otherwise the newest of any case."""
        return self.open_here or next(iter(self.known), None)


@dataclass(frozen=True)
class NewItem:
    """What is known of one item before it is one; only the address is needed. Slugs for category and platform."""

    address: str
    kind: str = ""
    platform: str = ""
    category: str = ""
    language: str = ""
    note: str = ""
    source: str = ""
    priority: int = 3
    found_at: datetime | None = None
    title: str = ""
    import_reference: str = ""


@dataclass(frozen=True)
class RowError:
    row: int
    column: str
    code: str
    message: str


@dataclass
class Identified:
    """What became of the rows: items made, row numbers that were duplicates, errors of refused rows."""

    items: list[Item] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    refused: list[RowError] = field(default_factory=list)


def key_digest(read: Recognition) -> str:
    """SHA-256 of the recognition key, in hexadecimal."""
    return hashlib.sha256("\x1f".join(read.key).encode()).hexdigest()


# -- The paste box ---------------------------------------------------------------------------------


def preview(text: str, *, case: Case, by: User) -> list[Candidate]:
    """What the addresses in a pasted text would become; nothing is saved.

    A line in which no address is found is a candidate with a `problem`, and so is an address of another sort
    (`ftp:`, `javascript:`), so that nothing pasted is passed over silently. Raises `pasting.TooMuch`.
    """
    return read_pieces(pasting.read(text), case=case, by=by)


def read_pieces(pieces: Sequence[pasting.Piece], *, case: Case, by: User) -> list[Candidate]:
    """Candidates in the order of the text, rows from 1, each with its place there and what is already known of it.

    Three queries in all; what the text's reader recognised is not read again.
    """
    require(by, Permission.IDENTIFY_ITEM)
    candidates = [read(row, piece.address, piece.named) for row, piece in enumerate(pieces, 1)]
    names = dict(Platform.objects.values_list("slug", "name"))
    known = known_items({candidate.key for candidate in candidates if candidate.key}, case)
    first: dict[str, int] = {}
    for candidate, piece in zip(candidates, pieces, strict=True):
        candidate.line, candidate.column, candidate.raw = piece.line, piece.column, piece.raw
        if not candidate.key:
            continue
        candidate.platform_name = names.get(candidate.platform or "", candidate.platform or "")
        candidate.known = known.get(candidate.key, [])
        candidate.duplicate_in_paste = first.get(candidate.key)
        first.setdefault(candidate.key, candidate.row)
    return candidates


def read(row: int, address: str, named: Recognition | None = None) -> Candidate:
    """Recognise one address, offline, unless it has been; an unreadable one keeps its text and the reason."""
    try:
        named = named or recognition.recognise(address)
    except NotAnAddress as problem:
        return Candidate(row=row, address=address, problem=str(problem))
    return Candidate(
        row=row,
        address=address,
        platform=named.platform,
        kind=named.kind,
        identifier=named.identifier or "",
        canonical=named.canonical,
        printed=named.printed,
        namespace=named.namespace,
        key=key_digest(named),
        owner=named.owner or "",
        account=named.account,
        rule=named.rule,
        rules_version=named.rules_version,
        needs_network=named.needs_network,
        warnings=warnings(named),
    )


# -- Saving ----------------------------------------------------------------------------------------


def identify(
    rows: Sequence[NewItem],
    *,
    case: Case,
    by: User,
    at: datetime | None = None,
    duplicates: str = "skip",
    first_row: int = 1,
) -> Identified:
    """Make items of the rows, with a fixed number of statements per thousand.

    Nothing is raised for a single row: an unreadable or unknown value refuses that row, an address that is open in
    this case (or stands earlier in the rows) is a duplicate. `duplicates="keep"` also makes items for addresses that
    this case has closed; an open one is never doubled. Raises `PermissionDenied`, `TransitionNotAllowed` (closed case).
    """
    may_take(case, by)
    at = at or timezone.now()
    reader = RowReader(at)
    reading = reader.read_all(enumerate(rows, first_row))
    with transaction.atomic():
        lock(case)
        fresh, known = sift(reading, open_keys(reading, case, duplicates))
        stored = save(fresh, reader, case=case, by=by)
    pattern = _pattern(case, by, at)
    return Identified([alike(pattern, row) for row in stored], known, reading.refused)


def may_take(case: Case, by: User) -> None:
    """Raises `PermissionDenied` or `TransitionNotAllowed` if the person or the case may take no item in."""
    require(by, Permission.IDENTIFY_ITEM)
    if case.status == CaseStatus.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed.", status=case.status)


def lock(case: Case) -> Case:
    """One intake at a time per case, so that no open item is there twice; held until the transaction ends."""
    return Case.objects.select_for_update().get(pk=case.pk)


def open_keys(reading: "Reading", case: Case, duplicates: str = "skip") -> set[str]:
    """Those keys of the reading that the case has items of; `duplicates="keep"` passes closed ones over."""
    status = [ItemStatus.DUPLICATE, *([ItemStatus.CLOSED] if duplicates == "keep" else [])]
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [case.pk, [candidate.key for _, _, candidate in reading.rows], status])
        return {key for (key,) in cursor.fetchall()}


def sift(reading: "Reading", known: set[str]) -> tuple[list["ReadRow"], list[int]]:
    """The rows whose key is not known yet, each key once, and the numbers of the others; adds the keys to `known`."""
    fresh: list[ReadRow] = []
    duplicates = []
    for row in reading.rows:
        key = row[2].key
        if key in known:
            duplicates.append(row[0])
        else:
            known.add(key)
            fresh.append(row)
    return fresh, duplicates


def save(fresh: Sequence["ReadRow"], reader: "RowReader", *, case: Case, by: User) -> list[dict[str, Any]]:
    """Store items and their events with two COPYs in the open transaction; returns the items' own columns."""
    if not fresh:
        return []
    numbers = references(len(fresh), at=reader.at)
    columns = [
        reader.columns(row, candidate, number)
        for (_, row, candidate), number in zip(fresh, numbers, strict=True)
    ]
    read = [candidate for _, _, candidate in fresh]
    network.join_accounts(columns, read)
    stored = copy_rows(_pattern(case, by, reader.at), columns)
    network.note_mentions(stored, read)
    identified = events.build(
        "item.identified", by=by, at=reader.at, case=case, new=ItemStatus.REPORTED, recorded_at=reader.at
    )
    copy_rows(identified, [{"item_id": row["id"]} for row in stored])
    return stored


ReadRow = tuple[int, NewItem, Candidate]


@dataclass
class Reading:
    """Rows that may become items, and the errors of those that may not; nobody has asked the database yet."""

    rows: list[ReadRow] = field(default_factory=list)
    refused: list[RowError] = field(default_factory=list)

    @property
    def warned(self) -> list[RowError]:
        """What a person should know of the rows that may become items; it refuses none."""
        return [
            RowError(number, "address", *warned)
            for number, _, candidate in self.rows
            for warned in candidate.warnings
        ]


class RowReader:
    """Reads rows against the known platforms, categories and kinds, looked up once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.platforms = dict(Platform.objects.values_list("slug", "pk"))
        self.categories = dict(Category.objects.filter(is_active=True).values_list("slug", "pk"))

    def read_all(self, rows: Iterable[tuple[int, NewItem]]) -> Reading:
        reading = Reading()
        for number, row in rows:
            candidate = read(number, row.address)
            if wrong := [*self._unknown(row), *self._unfit(row, candidate)]:
                reading.refused.extend(RowError(number, *error) for error in wrong)
            else:
                reading.rows.append((number, row, candidate))
        return reading

    def _unknown(self, row: NewItem) -> Iterator[tuple[str, str, str]]:
        for column, value, known in (
            ("platform", row.platform, self.platforms),
            ("category", row.category, self.categories),
            ("kind", row.kind, KINDS),
        ):
            if value and value not in known:
                yield (
                    column,
                    "unknown_value",
                    f"“{value[:60]}” is not known; use one of {', '.join(sorted(known))}.",
                )

    def _unfit(self, row: NewItem, candidate: Candidate) -> Iterator[tuple[str, str, str]]:
        if candidate.problem:
            yield "address", "not_an_address", candidate.problem
        elif row.platform in self.platforms and candidate.platform not in {"web", row.platform}:
            message = f"The address is one of {candidate.platform}; leave the platform empty or correct it."
            yield "platform", "contradiction", message
        for column, most in LONGEST.items():
            if len(getattr(row, column)) > most:
                yield column, "too_long", f"At most {most} characters fit here; put the rest into the note."
        if not 1 <= row.priority <= 5:
            yield "priority", "out_of_range", "The priority is a number from 1 to 5."
        if row.found_at and row.found_at > self.at:
            yield "found_at", "in_future", "An item cannot be found in the future."
        if row.found_at and (wrong := far_off(row.found_at)):
            yield "found_at", "out_of_range", wrong

    def columns(self, row: NewItem, candidate: Candidate, reference: str) -> dict[str, Any]:
        """What the items of one intake do not share."""
        found_at = row.found_at or self.at
        return {
            "reference": reference,
            "address": row.address,
            "canonical": candidate.canonical,
            "printed": candidate.printed,
            "platform_id": self.platforms[row.platform or candidate.platform or "web"],
            "kind": row.kind or candidate.kind,
            "namespace": candidate.namespace,
            "identifier": candidate.identifier[:500],
            "key": candidate.key,
            "recognition_rule": candidate.rule[:100],
            "owner": candidate.owner[:300],
            "title": row.title,
            "category_id": self.categories.get(row.category),
            "language": row.language,
            "priority": row.priority,
            "source": row.source,
            "note": row.note,
            "found_at": found_at,
            "import_reference": row.import_reference,
            "last_live_at": found_at,
        }


def _pattern(case: Case, by: User, at: datetime) -> Item:
    """What the items of one intake share."""
    return Item(
        case=case,
        rules_version=recognition.RULES_VERSION[:40],
        identified_at=at,
        identified_by=by,
        identified_by_name=by.name,
        presence=Presence.LIVE,  # identification by a person is a look: it was live
    )
