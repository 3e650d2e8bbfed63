"""What a copy of figures says of itself, on paper and in files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reports.editions import revisions
from reports.models import Edition
from reports.periods import LONDON
from reports.revisions import Difference
from reports.wording import day_in_words

INTERNAL = "Management information, not for release"
UNFROZEN = f"Not an edition. {INTERNAL}"
PROVISIONAL = "Earlier than 28 days after the period, or known less than three working days later"
AS_ASKED = "Not an edition: these figures were computed when they were asked for"


@dataclass(frozen=True)
class Copy:
    """Its title, what it is, how to find it again, and what was revised.

    `about` are its name, date and standing, in words; `made_at` is when its figures were frozen; `before` is the
    document of the edition `revises`, where it revises one.
    """

    title: str
    mark: str
    reference: str
    changes: list[Difference]
    about: Sequence[tuple[str, str]] = ()
    made_at: datetime | None = None
    before: Mapping[str, Any] | None = None
    revises: str = ""

    @property
    def use(self) -> str:
        """What it may be used for: the end of its mark."""
        return self.mark.rpartition(". ")[2]


def copy_of(edition: Edition) -> Copy:
    """An edition as its copies name it."""
    status = f"Edition {edition.reference}, {edition.get_status_display().lower()}"
    provisional = ", provisional [p]" if edition.provisional else ""
    revised, frozen = edition.supersedes, edition.frozen
    return Copy(
        edition.title,
        f"{status}{provisional}. {INTERNAL}",
        edition.reference,
        revisions(edition),
        tuple(_about(edition)),
        frozen.computed_at if frozen else None,
        revised.figures if revised else None,
        revised.reference if revised else "",
    )


def _about(edition: Edition) -> Iterator[tuple[str, str]]:
    stamps = {"published": edition.published_at, edition.status: edition.ended_at or edition.published_at}
    words = [f"{word} on {day_in_words(at.astimezone(LONDON))}" for word, at in stamps.items() if at]
    yield "Edition", f"{edition.reference}, {', '.join(words) or edition.status}"
    if edition.provisional:
        yield "Provisional [p]", PROVISIONAL
    if edition.supersedes:
        size = ", substantial" if edition.substantial else ""
        kind = f"{edition.get_revision_display()} of {edition.supersedes.reference}{size}"
        yield "Revises", f"{kind}: {edition.revision_reason}"


def unfrozen() -> Copy:
    """Figures as they are asked for now."""
    return Copy("Takedown rate", UNFROZEN, "not an edition", [], [("Status", AS_ASKED)])
