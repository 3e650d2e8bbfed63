"""The document at a terminal: every statistic, in columns."""

import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from reports.definitions import DEFINITIONS
from reports.figures import figures
from reports.printout import print_out
from tests.reports.conftest import Records, scope
from tests.reports.histories import twelve_items

PLATFORMS = """\
S19  Taken down within 7 days, by platform
  Platform  Counted  Of  Rate  95% from  95% to  99.8% from  99.8% to  99.8%
  --------  -------  --  ----  --------  ------  ----------  --------  -----
  x               4  10  40%*      10%*    70%*         0%*      88%*
  Limits around 40% (low base), the rate of all. * Low base: fewer than 50.
"""


@pytest.fixture
def twelve(bring_in: Callable[[Records], None]) -> None:
    bring_in(twelve_items())


def table(text: str, code: str) -> str:
    """The first table of a statistic."""
    return next(part for part in text.split("\n\n") if part.startswith(code))


def test_every_statistic_of_every_group_is_printed(twelve: None) -> None:
    text = print_out(figures(scope(), ["platform"]))

    own = [code for code in DEFINITIONS if code != "S20"]  # it has a table of its own
    assert re.findall(r"^(S\d\d)  ", text, re.MULTILINE) == [*own, *own, *["S19"] * 5]
    assert re.findall(r"^(\S.*)\n=+$", text, re.MULTILINE) == ["All", "platform x"]


def test_columns_are_aligned_and_low_bases_marked(twelve: None) -> None:
    text = print_out(figures(scope()))

    assert table(text, "S04") == (
        "S04  Taken down to date, net\n"
        "  What        Counted  Of  Rate  95% from  95% to\n"
        "  ----------  -------  --  ----  --------  ------\n"
        "  Taken down        3  10  30%*      11%*    60%*\n"
        "  Bounds 20% (the platform's own removals) to 50% (with deletions by uploaders, and removals nobody\n"
        "  looked at). Followed up for 54 days 12 hours at least, half of the items for 54 days 12 hours or\n"
        "  more. * Low base: fewer than 50."
    )
    assert table(text, "S12").splitlines()[3:] == [
        "  Refused at any time                        2  10     20%*       6%*     51%*            –",
        "  Down within 28 days after a refusal        1   2  too few   too few  too few            0",
        "  First reasons: not against policy 1, not illegal in the territory 0, too little information 1,",
        "  cannot find it 0, other 0. * Low base: fewer than 50.",
    ]
    assert table(text, "S15").splitlines()[5] == (
        "  From sending to receipt (T0)     10     10  less than a minute  less than a minute"
    )


def test_comparison_stands_at_the_end(twelve: None) -> None:
    by_platform = print_out(figures(scope(), ["platform"])) + "\n"
    by_month = print_out(figures(scope(), ["month"]))

    assert PLATFORMS in by_platform
    assert table(by_month, "S19").splitlines()[3].split() == [
        "2026-01", "2", "11", "18%*", "5%*", "48%*", "3%*", "63%*",
    ]  # fmt: skip


def test_a_scope_without_items_is_printed(db: None) -> None:
    text = print_out(figures(scope(platform="x")))

    assert text.splitlines()[1] == "Only platform x"
    assert table(text, "S04").splitlines()[3].split() == [
        "Taken", "down", "0", "0", "no", "items", "no", "items", "no", "items",
    ]  # fmt: skip


def test_command_prints_it(twelve: None) -> None:
    out = StringIO()

    call_command(
        "takedown_statistics", "--from=2026-01-01", "--to=2026-01-31", "--as-at=2026-03-01T00:00Z", stdout=out
    )

    assert out.getvalue() == print_out(figures(scope())) + "\n"
