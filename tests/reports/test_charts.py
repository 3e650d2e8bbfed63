import csv
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.signing import BadSignature, dumps

from reports import charts
from reports.charts import SALT, Chart
from reports.measures import OUTCOMES, proportion
from reports.survival import incidences, kaplan_meier

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = {**dict.fromkeys(OUTCOMES, 0), "DOWN_PLATFORM_VERIFIED": 1578, "REFUSED": 485}
LIMITS = {"limits_95": [0.3, 0.6], "limits_998": [0.2, 0.7]}
WAITS, CAUSES = np.arange(200.0), np.arange(200) % 3
CHARTS = {
    "bars": charts.outcomes(COUNTS),
    "rates": charts.rates("By platform", {"X": proportion(3, 12), "=1": proportion(0, 0)}),
    "trend": charts.trend(
        "By month",
        [
            {"month": "2026-01", **proportion(40, 90), **LIMITS},
            {"month": "2026-02", **proportion(4, 9), "rate": None, "limits_95": None, "limits_998": None},
        ],
    ),
    "funnel": charts.funnel("Platforms", [("X", {**proportion(9, 90), "outside": True})]),
    "curves": charts.curves(
        "Still live", {"Live": kaplan_meier(WAITS, CAUSES > 0)}, 672, since="Since the notice"
    ),
    "incidence": charts.curves(
        "By cause",
        dict(zip("abc", incidences(WAITS, CAUSES, 3), strict=True)),
        672,
        since="Since the notice",
        bands=False,
    ),
}


def texts(chart: Chart) -> list[str | None]:
    return [text.text for text in ElementTree.fromstring(chart.svg()).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", CHARTS)
def test_chart_has_title_and_description_and_is_its_own_address(name: str) -> None:
    chart = CHARTS[name]

    root = ElementTree.fromstring(chart.svg())

    assert (root[0].tag, root[0].text) == (f"{SVG}title", chart.title)
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", chart.words)
    assert Chart.read(chart.token).svg() == chart.svg()
    assert len(chart.token) < 3000  # what a line of a request takes


def test_bars_show_every_number_and_name() -> None:
    assert {"1,578", "485", *OUTCOMES.values()} <= set(texts(CHARTS["bars"]))


def test_what_a_picture_shows_is_written_beside_it() -> None:
    assert "25% of 12" in texts(CHARTS["rates"])
    assert "44%" in texts(CHARTS["trend"])
    assert "X" in texts(CHARTS["funnel"])
    assert {"a", "b", "c", "28 d", "Since the notice"} <= set(texts(CHARTS["incidence"]))


def test_charts_in_words() -> None:
    assert {name: chart.words for name, chart in CHARTS.items()} == {
        "bars": "Eligible items by outcome. Down, by the platform, verified: 1,578;"
        " Left up: the platform refused: 485.",
        "rates": "By platform. X: 25% of 12.",
        "trend": "By month. 2026-01: 44.4% of 90; 2026-02: not due of 9.",
        "funnel": "Platforms. X: 10.0% of 90, outside the limits.",
        "curves": "Still live. Live: 0.0% at the end.",
        "incidence": "By cause. a: 33.5% at the end; b: 33.5% at the end; c: 33.0% at the end.",
    }
    assert charts.counts("Nothing", {}).words == "Nothing. no items."


def test_trend_draws_a_numbered_dashed_line_where_the_series_breaks() -> None:
    months = [
        {"month": f"2026-0{number}", **proportion(40, 90), **LIMITS, "break": told}
        for number, told in enumerate((None, "One", None, "Two"), 1)
    ]

    chart = charts.trend("By month", months)

    assert chart.svg().count('stroke-dasharray="5,3"') == 2
    assert [text for text in texts(chart) if text in ("1", "2")] == ["1", "2"]
    assert [row[-1] for row in chart.table()] == ["\N{EN DASH}", "1", "\N{EN DASH}", "2"]
    assert "2026-02 (series break 1): 44.4% of 90; 2026-03: 44.4% of 90" in chart.words
    assert CHARTS["trend"].svg().count("stroke-dasharray") == 0


def test_table_and_csv_have_the_same_rows_and_no_formula() -> None:
    chart = CHARTS["rates"]

    assert chart.table() == [
        ["X", "3", "12", "25.0%", "8.9%", "53.2%"],
        ["=1", "0", "0", "\N{EN DASH}", "\N{EN DASH}", "\N{EN DASH}"],
    ]
    assert list(csv.reader(chart.csv_lines())) == [
        ["Label", "Taken down", "Of", "Rate", "Low", "High"],
        ["X", "3", "12", "0.25", "0.0889", "0.5323"],
        ["'=1", "0", "0", "", "", ""],
    ]
    assert CHARTS["funnel"].table() == [["X", "9", "90", "10.0%", "Yes"]]


def test_curve_is_thinned_to_what_can_be_told_apart() -> None:
    rows = CHARTS["curves"].rows

    assert rows[0] == ("Live", 0.0, 1.0, 1.0, 1.0)
    assert rows[-1][1] == 672
    assert len(rows) < 52


def test_only_what_we_signed_is_drawn() -> None:
    with pytest.raises(BadSignature):
        Chart.read(dumps(["bars", "T", "W", []], salt="other"))
    assert Chart.read(dumps(["bars", "T", "W", []], salt=SALT)).words == "W"
