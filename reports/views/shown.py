"""The figures of one group as the pages show them, and the places between which a person moves."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.pages import person
from accounts.roles import Permission, can
from reports import charts
from reports.facts import Scope
from reports.figure_files import FORMS
from reports.figures_pages import PAGES
from reports.measures import HIGH, LOW, NUMERATOR
from reports.models import Edition
from reports.revisions import Path
from reports.showing import Rows, base_mark, exclusion_rows, outcome_rows, query, shares, window_rows

PLACES = (
    ("Figures", "reports:rates", Permission.SEE_FIGURES),
    ("Editions", "reports:edition_list", Permission.SEE_FIGURES),
    ("Annual table", "reports:article_22", Permission.SEE_FIGURES),
    ("Claim check", "reports:claims", Permission.SEE_FIGURES),
    ("Schedules", "reports:schedule_list", Permission.SEE_UNRELEASED),
    ("Series breaks", "reports:series_break_list", Permission.SEE_FIGURES),
    ("Exports and jobs", "reports:job_list", Permission.EXPORT_FIGURES),
)


def places(request: HttpRequest) -> list[tuple[str, str, None, bool]]:
    """The tabs above the pages about figures."""
    here, user = request.path, person(request)
    figures = {reverse(f"reports:{slug}") for slug in PAGES}
    return [
        (label, reverse(name), None, here == reverse(name) or (name == "reports:rates" and here in figures))
        for label, name, permission in PLACES
        if can(user, permission)
    ]


def kinds(here: str, asked: str) -> list[tuple[str, str, None, bool]]:
    """The tabs between the pages of figures, which keep the scope of the address."""
    titles = {"rates": "Takedown rate", **{slug: page.title for slug, page in PAGES.items()}}
    order = sorted(titles, key=lambda slug: slug != "overview")
    return [(titles[slug], f"{reverse(f'reports:{slug}')}?{asked}", None, slug == here) for slug in order]


def downloads(request: HttpRequest, scope: Scope) -> list[tuple[str, str]]:
    """The report of a scope as files, label and address, for who may take figures away."""
    if not can(person(request), Permission.EXPORT_FIGURES):
        return []
    asked = query(scope)
    names = {
        "PDF": "rates_pdf",
        **{form.upper(): f"figures_{form}" for form in FORMS},
        "PDF/A": "rates_archive",
    }
    return [(label, f"{reverse(f'reports:{name}')}?{asked}") for label, name in names.items()]


def edition_downloads(request: HttpRequest, edition: Edition) -> list[tuple[str, str]]:
    """The frozen figures as files, label and address, for who may take figures away."""
    if not edition.frozen or not can(person(request), Permission.EXPORT_FIGURES):
        return []
    names = {
        "PDF": "edition_pdf",
        **{form.upper(): f"edition_{form}" for form in FORMS},
        "PDF/A": "edition_archive",
    }
    return [(label, reverse(f"reports:{name}", args=[edition.reference])) for label, name in names.items()]


def shown(figures: Mapping[str, Any], scope: Scope, revised: Collection[Path] = ()) -> dict[str, Any]:
    """What `headline.html`, `windows.html`, `outcomes.html` and `exclusions.html` take.

    `figures` are the measures of one group; `revised` are the paths that the mark [r] stands beside.
    """
    rows = Rows(reverse("reports:episodes"), scope)
    outcomes, follow_up = figures["S03"]["outcomes"], figures["S04"]["follow_up_hours"]
    total = {
        "notified": figures["S01"]["notified_items"],
        "eligible": figures["S03"]["eligible"],
        "share": shares([figures["S03"]["eligible"]], figures["S03"]["eligible"])[0],
        "follow_up_least": follow_up["minimum"],
        "follow_up_median": follow_up["median"],
    }
    return {
        "scope": scope,
        "figures": figures,
        "total": total,
        "revised": {path[0] for path in revised},
        "base_mark": base_mark(total["eligible"]),
        "outcomes": _marked(outcome_rows(figures["S03"], rows), ("S03", "outcomes"), outcomes, revised),
        "windows": _marked(window_rows(figures["S05"], rows), ("S05",), figures["S05"], revised),
        "exclusions": _marked(
            exclusion_rows(figures["S02"], total["notified"], rows), ("S02",), figures["S02"], revised
        ),
        "chart": charts.outcomes(outcomes),
        "all_url": rows.of(),
        "notices_url": rows.of(set="batches"),
        "largest_url": rows.of(set="largest_notice"),
        "chasers_url": Rows(reverse("reports:chasers"), scope).of(),
        "eligible_url": rows.of(eligible="1"),
        "down_url": rows.of(outcome=",".join(NUMERATOR)),
        "low_url": rows.of(outcome=",".join(LOW)),
        "high_url": rows.of(outcome=",".join(HIGH)),
        "decided_url": rows.of(decided="1"),
    }


def _marked(
    rows: list[dict[str, Any]], above: Path, names: Collection[str], revised: Collection[Path]
) -> list[dict[str, Any]]:
    places = [(*above, name) for name in names]
    return [
        {**row, "revised": any(path[: len(place)] == place for path in revised)}
        for row, place in zip(rows, places, strict=True)
    ]
