"""The measures from one small history with every outcome, counted by hand."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reports import tallies
from reports.columns import Columns
from reports.durations import timed
from reports.facts import Episode, episodes
from reports.figures import groups
from reports.measures import counted
from tests.reports.conftest import scope
from tests.reports.histories import ten_items

Ask = Callable[..., list[Episode]]


def test_counted_measures_by_hand(ask: Ask) -> None:
    (tally,) = tallies.of_columns(Columns.of_rows(ask(ten_items())), scope(), [1])
    figures = counted(tally)

    assert figures["S01"] == {"notified_items": 10, "notices": 2, "chasers": 1, "by_kind": {"post": 10}}
    assert figures["S02"] == {"X1": 0, "X2": 0, "X3": 0, "X4": 0, "X5": 0, "X6": 1}
    assert figures["S03"]["eligible"] == 9
    assert {name: n for name, n in figures["S03"]["outcomes"].items() if n} == {
        "REINSTATED": 1, "DOWN_PLATFORM_VERIFIED": 2, "DOWN_UPLOADER": 1, "DOWN_UNATTRIBUTED": 1,
        "REPORTED_DOWN_UNVERIFIED": 1, "CONTRADICTED": 1, "REFUSED": 1, "PENDING": 1,
    }  # fmt: skip
    s04 = figures["S04"]
    assert (s04["numerator"], s04["denominator"], s04["low"], s04["high"]) == (3, 9, 2 / 9, 5 / 9)
    assert s04["follow_up_hours"] == {"minimum": 54.5 * 24, "median": 54.5 * 24}
    assert s04["largest_notice_share"] == 6 / 9
    assert (figures["S06"]["numerator"], figures["S06"]["denominator"]) == (3, 7)


def test_within_a_day_by_hand(ask: Ask) -> None:
    """Yes: i1, i2, i10. No: i4 (uploader), i3, i5, i6, i8 (live after). Indeterminate: i7. Held: i9."""
    (tally,) = tallies.of_columns(Columns.of_rows(ask(ten_items())), scope())
    rate = counted(tally)["S05"]["24h"]

    interval = rate.pop("interval")
    assert rate == {
        "numerator": 3, "denominator": 9, "rate": 3 / 9, "high": 4 / 9,
        "indeterminate": 1, "immature": 0, "held": 1,
    }  # fmt: skip
    assert [round(limit, 3) for limit in interval] == [0.121, 0.646]


def test_timed_measures_by_hand(ask: Ask) -> None:
    """Events: i1 and i2 at 0 h (the platform's time), i10 at 24 h, i3 at 96 h; i4, i9 compete at 23, 24 h.

    Nobody looked at i7, so it is at risk at 0 h only: six are left at 24 h.
    """
    (figures,) = timed(Columns.of_rows(ask(ten_items())), scope())

    assert (figures["S08"]["n"], figures["S08"]["events"], figures["S08"]["median_hours"]) == (10, 4, None)
    assert figures["S08"]["survival"]["24h"][0] == pytest.approx(0.8 * 5 / 6)
    tenth = figures["S10"]["24h"]
    assert tenth["platform"] == pytest.approx(0.2)
    assert sum(tenth.values()) == pytest.approx(1)
    assert figures["S18"] == {
        "live": 4,
        "by_age": {"0-1d": 0, "1-2d": 0, "2-7d": 0, "7-28d": 0, "28d+": 4},
        "by_outcome": {"REINSTATED": 1, "CONTRADICTED": 1, "LIMITED": 0, "REFUSED": 1, "PENDING": 1},
    }
    assert (figures["S07"]["numerator"], figures["S07"]["denominator"]) == (6, 7)
    assert (figures["S07"]["contradiction"]["numerator"], figures["S07"]["contradiction"]["denominator"]) == (
        1,
        3,
    )


@pytest.mark.parametrize("by", [(), ("channel",), ("category",), ("platform", "kind", "month")])
def test_groups_are_counted_as_they_would_be_alone(ask: Ask, by: tuple[str, ...]) -> None:
    rows = ask(ten_items())
    chased = tallies.chasers(scope(), by)

    found = groups(Columns.of_rows(rows), scope(), by)
    tallied = tallies.read(scope(), by)

    assert len(tallied) == len(found)
    for (key, tally), group in zip(tallied.items(), found, strict=True):
        own = Columns.of_rows(
            row for row in rows if all(getattr(row, name) == value for name, value in group["group"].items())
        )
        assert tallies.of_columns(own, scope(), [chased.get(key, 0)]) == [tally]
        (alone, *_) = groups(own, scope())
        assert {**alone, "S17": None, "group": None} == {
            **group, "S17": None, "group": None, "S01": {**group["S01"], "chasers": alone["S01"]["chasers"]},
        }  # fmt: skip


def test_empty_period_has_no_rate(db: None) -> None:
    figures = counted(tallies.read(scope())[()])

    assert figures["S04"]["rate"] is None
    assert figures["S04"]["interval"] is None
    assert figures["S05"]["7d"]["rate"] is None
    (times,) = timed(Columns.of_rows([]), scope())
    assert times["S09"]["hours"] is None


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("takedown_statistics", *arguments, stdout=out)
    return out.getvalue()


JANUARY = ("--from", "2026-01-01", "--to", "2026-01-31", "--as-at", "2026-03-01T00:00Z")


def test_command_prints_the_agreed_document(ask: Ask) -> None:
    rows = ask(ten_items())

    document = json.loads(run(*JANUARY, "--by", "channel", "--format", "json"))

    groups = document.pop("groups")
    sha = document.pop("rows_sha256")
    assert document == {
        "definition_version": "1",
        "period": {"from": "2026-01-01", "to": "2026-01-31", "time_zone": "Europe/London"},
        "as_at": "2026-03-01T00:00:00Z", "known_by": "2026-03-01T00:00:00Z", "filters": {}, "rows": len(rows),
    }  # fmt: skip
    assert len(sha) == 64
    assert [
        (group["group"], group["S01"]["notified_items"], group["S01"]["chasers"]) for group in groups
    ] == [
        ({}, 10, 1),
        ({"channel": "mail"}, 6, 1),
        ({"channel": "portal"}, 4, 0),
    ]


def test_every_figure_can_be_counted_from_the_printed_rows(ask: Ask) -> None:
    ask(ten_items())

    rows = [json.loads(line) for line in run(*JANUARY, "--episodes").splitlines()]
    figures = json.loads(run(*JANUARY, "--format", "json"))["groups"][0]

    eligible = [row for row in rows if row["exclusion"] is None]
    down = [row for row in eligible if row["outcome"] in {"DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED"}]
    mature = [row for row in eligible if row["within"]["24h"] in {"yes", "no", "indeterminate"}]
    decided = [row for row in eligible if row["decided"] or row["outcome"].startswith("DOWN_")]
    assert (len(down), len(eligible)) == (figures["S04"]["numerator"], figures["S04"]["denominator"])
    assert len(mature) == figures["S05"]["24h"]["denominator"]
    assert len(decided) == figures["S06"]["denominator"]


def test_command_gives_the_same_bytes_twice(ask: Ask) -> None:
    ask(ten_items())

    assert run(*JANUARY, "--format", "json") == run(*JANUARY, "--format", "json")


def test_command_sums_up_for_a_person(ask: Ask) -> None:
    ask(ten_items())

    text = run(*JANUARY)

    assert "\nS04  Taken down to date, net\n" in text
    assert "\n  Taken down        3   9  too few   too few  too few\n" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2026-02-30", "--to", "2026-03-01"), "There is no day"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "ends .* before it begins"),
        (("--from", "2026-01-01", "--to", "2026-01-02", "--as-at", "2026-01-03T00:00"), "has no time zone"),
        (("--from", "2026-01-01", "--to", "2026-01-02", "--as-at", "soon"), "is not a time"),
        (
            ("--from", "2026-01-01", "--to", "2026-01-02", "--platform", "nowhere"),
            "no platform “nowhere”. Known: .*facebook",
        ),
        (("--from", "2026-01-01", "--to", "2026-01-02", "--category", "none"), "no category"),
        (("--from", "2026-01-01", "--to", "2026-01-02", "--by", "colour"), "Cannot group by colour"),
    ],
)
def test_command_refuses_wrong_arguments(db: None, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        run(*arguments)

    assert refused.value.returncode == 2


def test_unknown_grouping_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="Cannot group by"):
        tallies.read(scope(), ("item",))
    assert list(episodes(scope())) == []
