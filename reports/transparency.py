"""What the public pages show of a public copy, and the files they offer."""

from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import Any

from reports.article_22 import AnnualTable, provider_names
from reports.copies import PROVISIONAL, Copy
from reports.disclosure import WITHHELD
from reports.figure_files import Report
from reports.models import PublicCopy
from reports.periods import LONDON
from reports.printing import print_report
from reports.tabulation import Table, printed, tables
from reports.wording import day_in_words, said

ONE_AT_A_TIME = Lock()
SHOWN = ("S03", "S05", "S04", "S02")  # the statistics whose tables the page shows, in their order


def contents(copy: PublicCopy) -> dict[str, Any]:
    """The headline, the tables and the annual table of a copy, as its page shows them."""
    made = copy.figures
    total = made["groups"][0]
    chosen = [table for table in tables(made, provider_names()) if table.code in SHOWN]
    chosen.sort(key=lambda table: SHOWN.index(table.code))
    return {
        "copy": copy,
        "figures": made,
        "sentences": [said(made, total), said(made, total, "S05", "7d")],
        "tables": [in_words(table) for table in chosen],
        "annual": of_providers(annual_table_of(copy)),
    }


def in_words(table: Table) -> dict[str, Any]:
    """Each row as its label and its other cells, each with the head it stands under."""
    rows = [[printed(cell) for cell in row] for row in table.rows]
    return {
        "title": table.title,
        "note": table.note,
        "columns": "|".join(table.heads),
        "rows": [(row[0], list(zip(table.heads[1:], row[1:], strict=True))) for row in rows],
    }


def of_providers(annual: AnnualTable) -> list[dict[str, Any]]:
    """The annual table provider by provider, each with a line that says how much there is."""
    tables = annual.by_provider()
    return [{**in_words(table), "told": _told(table), "alone": len(tables) == 1} for table in tables]


def _told(table: Table) -> str:
    lines = [row[table.heads.index("Lines")] for row in table.rows]
    types = f"{len(lines)} type{'' if len(lines) == 1 else 's'} of content"
    if any(line == WITHHELD for line in lines):
        return f"{table.title}: {types}"
    number = sum(line for line in lines if isinstance(line, int))
    return f"{table.title}: {number:,} line{'' if number == 1 else 's'}, {types}"


def report_of(copy: PublicCopy) -> Report:
    """The copy's figures with the annual table, for files."""
    frozen = copy.edition.frozen
    assert frozen is not None
    made = f"{copy.edition.reference}, made public on {day_in_words(copy.made_at.astimezone(LONDON))}"
    about = [("Edition", made), *([("Provisional [p]", PROVISIONAL)] if copy.edition.provisional else [])]
    told = Copy(copy.edition.title, _mark(copy), copy.edition.reference, [], about, copy.made_at)
    annual = annual_table_of(copy).table()
    return Report(copy.figures, provider_names(), told, frozen.code_version, frozen.seed, (annual,))


def pdf_of(copy: PublicCopy) -> bytes:
    """The copy on paper (PDF/UA-1). One is set at a time, and kept: anybody may ask, as often as they like.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    with ONE_AT_A_TIME:
        return _pages(copy.pk, copy.document)


@lru_cache(maxsize=8)
def _pages(key: int, document: str) -> bytes:
    """The document is asked for because a copy is known by it for ever, by its number within one database."""
    copy = PublicCopy.objects.select_related("edition").get(pk=key)
    return print_report(replace(report_of(copy), more=tuple(annual_table_of(copy).by_provider())))


def annual_table_of(copy: PublicCopy) -> AnnualTable:
    return AnnualTable(copy.figures, copy.figures["S20"], _mark(copy))


def _mark(copy: PublicCopy) -> str:
    provisional = ", provisional [p]" if copy.edition.provisional else ""
    return f"Edition {copy.edition.reference}, public{provisional}"
