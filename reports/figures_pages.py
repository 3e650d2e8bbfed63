"""The pages of figures beside the rate: what each is called, is counted from and shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reports.columns import Columns
from reports.overview_sections import overview
from reports.platform_sections import durability, own_speed, refusals, removal_times, responses
from reports.quality_sections import quality
from reports.sections import Section, compared
from reports.showing import Rows
from reports.tallies import NEEDED


@dataclass(frozen=True)
class FiguresPage:
    """One page of figures: its name, the columns that its sections are counted from, and the sections."""

    title: str
    lead: str
    needs: tuple[str, ...]
    sections: Callable[[Columns, Rows], Iterable[Section]]


_DOUBTS = (
    "t0_basis", "category", "language", "claimed_at", "first_removed_at", "observed_at", "last_live_at", "removed_at",
)  # fmt: skip
_SPELLS = ("exclusion", "held_at", "t0", "first_removed_at", "restricted_at", "first_cause", "observed_at")
PAGES = {
    "overview": FiguresPage(
        "Overview", "The headline, the trend and what is still live.", (*NEEDED, *_DOUBTS, "month"), overview
    ),
    "times": FiguresPage(
        "Time to removal", "How long items stayed live after the notice.", _SPELLS, removal_times
    ),
    "responses": FiguresPage(
        "Responsiveness",
        "How soon platforms answered our notices.",
        ("delivered", "notice_id", "t0", "acknowledged_at", "notice_decided_at", "feedback_at"),
        responses,
    ),
    "refusals": FiguresPage(
        "Refusals",
        "What platforms decided to leave up, and why.",
        ("exclusion", "refused_at", "refusal_code", "overturned_at"),
        refusals,
    ),
    "durability": FiguresPage(
        "Durability",
        "Whether what was taken down stays so.",
        ("exclusion", "outcome", "taken_down_at", "reinstated_at", "copied_at", "observed_at"),
        durability,
    ),
    "own-speed": FiguresPage(
        "Our own speed",
        "How long our own steps took.",
        (*_SPELLS, "found_at", "approved_at", "sent_at"),
        own_speed,
    ),
    "comparison": FiguresPage(
        "Comparison", "Platforms and months beside each other.", (*NEEDED, "month", "platform"), compared
    ),
    "quality": FiguresPage(
        "Data quality",
        "How far the records carry the figures.",
        (*NEEDED, *_DOUBTS),
        quality,
    ),
}
