"""Making an edition public: its figures under disclosure control, beside all that was made public before."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework.transitions import TransitionNotAllowed
from reports import events
from reports.article_22 import keywords
from reports.disclosure import WITHHELD
from reports.editions import scope_of, written
from reports.facts import with_children
from reports.giveaways import Giveaway, Part, giveaways, parts
from reports.models import Edition, EditionStatus, PublicCopy, Rounding
from reports.protection import is_small
from reports.provider_actions import Cell, Row, publishable_rows, read
from reports.public import Place, publishable

LOCK = "what is made public"
ABOUT_ONE = (
    "This edition is about one platform: it can be made public only where naming platforms is signed off."
)
NOT_SHARED = "Say when and how the platforms named had the table for a factual check."


@dataclass(frozen=True)
class Prepared:
    """What would be made public, and in words what is left out because earlier editions would give it away."""

    document: dict[str, Any]
    withheld_beside: list[str]


def obstacle(edition: Edition) -> str:
    """Why the edition cannot be made public now, or nothing."""
    if edition.status != EditionStatus.PUBLISHED:
        return (
            f"{edition} is {edition.get_status_display().lower()}; only a published edition is made public."
        )
    return f"{edition} is public already." if PublicCopy.objects.filter(edition=edition).exists() else ""


def may_make_public(edition: Edition, by: User) -> bool:
    return can(by, Permission.RELEASE_EDITION) and not obstacle(edition)


def make_public(
    edition: Edition, *, names_platforms: bool = False, shared: str = "", by: User, at: datetime | None = None
) -> PublicCopy:
    """Release an edition to everybody, small counts left out, with the annual table of its scope.

    `names_platforms`: it is signed off that single platforms are named, who had the table for a factual check first, as
    `shared` says. Without it, groups by platform are left out. What an earlier public copy would give away by
    subtraction is withheld too. Raises `TransitionNotAllowed` unless published and not public yet, `ValidationError`.
    """
    require(by, Permission.RELEASE_EDITION)
    at = at or timezone.now()
    if names_platforms and not shared.strip():
        raise ValidationError({"shared": NOT_SHARED})
    if edition.platform and not names_platforms:
        raise ValidationError({"names_platforms": ABOUT_ONE})
    with transaction.atomic():
        _alone()
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        if why := obstacle(locked):
            raise TransitionNotAllowed(why, status=locked.status)
        made = prepared(locked, names_platforms=names_platforms)
        text = written(made.document)
        copy = PublicCopy.objects.create(
            edition=locked, document=text, document_sha256=hashlib.sha256(text.encode()).hexdigest(),
            names_platforms=names_platforms, shared=shared if names_platforms else "",
            withheld_beside=made.withheld_beside, made_at=at, made_by=by,
        )  # fmt: skip
        details = {"sha256": copy.document_sha256, "withheld_beside": len(made.withheld_beside)}
        events.record("edition.made_public", edition=locked, by=by, at=at, details=details)
    return copy


def _alone() -> None:
    """One at a time: each is compared with all before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])


def prepared(edition: Edition, *, names_platforms: bool) -> Prepared:
    """What making the edition public now would give; stores nothing."""
    figures = edition.figures
    assert figures is not None
    earlier = _earlier(edition)
    document, beside = _figures(edition, _named(figures, names_platforms), earlier)
    rows, more = _annual_table(edition, names_platforms, document, earlier)
    told = {
        "edition": edition.reference,
        "title": edition.title,
        "provisional": edition.provisional,
        "revision_of": edition.supersedes.reference if edition.supersedes else None,
        **document,
        "S20": rows,
        "independence": settings.INDEPENDENCE_STATEMENT,
    }
    return Prepared(told, list(dict.fromkeys([*(each.words() for each in beside), *more])))


def _named(figures: Mapping[str, Any], names_platforms: bool) -> dict[str, Any]:
    """The document without the groups of single platforms, unless these may be named."""
    total, *groups = figures["groups"]
    kept = [group for group in groups if names_platforms or "platform" not in group["group"]]
    return {**figures, "groups": [total, *kept]}


def _earlier(edition: Edition) -> list[dict[str, Any]]:
    """All that was made public before, also what no longer holds."""
    copies = PublicCopy.objects.exclude(edition=edition).order_by("pk")
    return [copy.figures for copy in copies]


def _figures(
    edition: Edition, figures: Mapping[str, Any], earlier: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[Giveaway]]:
    """The figures under disclosure control until nothing is given away; and what was withheld to that end."""
    known = [part for each in earlier for part in _parts(each["edition"], each)]
    revised, found = _revised(edition), dict[Place, Giveaway]()
    while True:
        document = _publishable(edition, figures, [*found])
        given = giveaways(_parts(edition.reference, document), known, edition.threshold, revised=revised)
        fresh = {each.place: each for each in given if each.place not in found}
        if not fresh:
            return document, [*found.values()]
        found |= fresh


def _parts(reference: str, document: Mapping[str, Any]) -> list[Part]:
    """The groups of a document; a category that there is no more has nothing below it."""
    slug = document["filters"].get("category")
    return parts(reference, document, {slug: with_children(slug)} if slug else {})


def _publishable(edition: Edition, figures: Mapping[str, Any], also: Collection[Place]) -> dict[str, Any]:
    return publishable(figures, edition.threshold, base=_base(edition), also=also)


def _base(edition: Edition) -> int | None:
    return edition.rounding if edition.rounding != Rounding.NONE else None


def _revised(edition: Edition) -> list[str]:
    """The editions whose place this one takes, one after the other."""
    found, before = [], edition.supersedes
    while before is not None:
        found.append(before.reference)
        before = before.supersedes
    return found


def _annual_table(
    edition: Edition, names_platforms: bool, document: Mapping[str, Any], earlier: list[dict[str, Any]]
) -> tuple[list[Row], list[str]]:
    """The table (S20) of the edition's scope; a count that an earlier one differs from by little is withheld."""
    rows = read(scope_of(edition), keywords(), by_provider=names_platforms)
    shown = publishable_rows(rows, edition.threshold, base=_base(edition))
    (own, *_), revised = _parts(edition.reference, document), _revised(edition)
    found: dict[Cell, str] = {}
    for each in earlier:
        other = _parts(each["edition"], each)[0]
        if each["edition"] not in revised and (own.holds(other) or other.holds(own)):
            found |= dict.fromkeys(_close(shown, each["S20"], edition.threshold), each["edition"])
    words = [f"S20: {' '.join(name or 'none' for name in cell)}, beside {ref}" for cell, ref in found.items()]
    return (
        publishable_rows(rows, edition.threshold, base=_base(edition), also=[*found]) if found else shown
    ), words


def _close(rows: Iterable[Row], others: Iterable[Row], threshold: int) -> Iterator[Cell]:
    """The cells whose counts in two tables differ, but by less than the threshold."""
    before = {_cell(row): row["count"] for row in others}
    for row in rows:
        less = before.get(_cell(row), 0)
        if WITHHELD not in (row["count"], less) and is_small(abs(row["count"] - less), threshold):
            yield _cell(row)


def _cell(row: Row) -> Cell:
    return row["provider"], row["category"], row["action"]
