"""Charts as SVG, drawn by Vega-Lite from their rows alone, to be read in grey as well as in colour.

vl-convert hangs for ever in a process forked after its first use: draw in threads, never before a fork.
"""

import json
import re
from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import vl_convert
from django.utils.html import escape

from accounts.showing import percent, places_for
from reports import labels
from reports.intervals import Z95, Z998
from reports.showing import LEAST_SHOWN

VEGA_LITE = "5.20"
STRONG, MIDDLE, QUIET, PALE, INK = "#00703c", "#85b8a0", "#505a5f", "#b1b4b6", "#0b0c0c"
HATCHED = "url(#hatched)"
HATCHING = (
    '<defs><pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="white"/>'
    f'<path d="M-1 1L1 -1M0 5L5 0M4 6L6 4" stroke="{STRONG}" stroke-width="1.5"/></pattern></defs>'
)
FILLS = {
    "strong": STRONG,
    "middle": HATCHED,
    "quiet": PALE,
}  # each of its own darkness, so told apart in grey
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 4))
LINES = (STRONG, "#1d70b8", "#912b88", "#b58840", QUIET)
OPENING = re.compile(r"<svg([^>]*)>")
TICKS = {1: "1 h", 24: "24 h", 168: "7 d", 672: "28 d", 2160: "90 d", 4320: "180 d"}  # hours
WIDTH, MOST_LABEL = 640, 300  # pixels, of a whole picture and of the names at its left
LETTER, SIZE = (
    6.6,
    11,
)  # pixels: the width that a letter takes at most in whatever font a browser has; its height
SHARE: dict[str, Any] = {"format": ".0%", "tickCount": 5}  # of an axis
CONFIG = {
    "font": "Public Sans, IBM Plex Sans Arabic, Arial, sans-serif",
    "view": {"stroke": None},
    "background": "white",
    "axis": {
        "labelFontSize": SIZE, "titleFontSize": SIZE, "titleFontWeight": "normal", "labelColor": INK, "titleColor": INK,
        "labelFlush": False, "gridColor": "#dfe0e1", "domainColor": QUIET, "tickColor": QUIET,
    },
    "legend": {"labelFontSize": SIZE, "labelColor": INK},
    "text": {"fontSize": SIZE, "color": INK},
}  # fmt: skip

PLOT = (480, 280)  # pixels, of a picture in which names stand beside points
Row = Sequence[Any]
Spec = dict[str, Any]


def svg(style: str, title: str, words: str, rows: Sequence[Row], axis: str = "") -> str:
    """A picture with a title and a description for those who do not see it; `axis` names what runs to the right.

    Raises `KeyError` for another style.
    """
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": words,
        "width": WIDTH - 80,
        "config": CONFIG,
        **STYLES[style](rows),
    }
    if axis:
        spec["encoding"]["x"]["title"] = axis
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE, allowed_base_urls=[])
    named = (
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>{HATCHING if HATCHED in drawn else ''}"
    )
    return OPENING.sub(lambda tag: f'<svg{tag[1]} role="img">{named}', drawn, count=1)


def bars(rows: Sequence[Row]) -> Spec:
    """Rows of label, count and tone (strong, middle or quiet)."""
    values = [
        {
            "label": label,
            "count": count,
            "shown": f"{count:,}",
            "fill": FILLS[tone],
            "edge": PALE if tone == "quiet" else STRONG,
        }
        for label, count, tone in rows
    ]
    x = _axis("count", "Items", {"grid": False, "tickMinStep": 1})
    look = {
        channel: {"field": field, "type": "nominal", "scale": None}
        for channel, field in (("fill", "fill"), ("stroke", "edge"))
    }
    return {
        **_named(rows, right=50),
        "data": {"values": values},
        "encoding": {"y": _labels(), "x": x},
        "layer": [{"mark": {"type": "bar", "strokeWidth": 0.7}, "encoding": look}, _beside("shown")],
    }


def rates(rows: Sequence[Row]) -> Spec:
    """Rows of label, numerator, denominator, rate, low and high: a point with its interval for each."""
    values = [
        {
            "label": label, "rate": rate, "low": low, "high": high,
            "shown": f"{percent(rate, places_for(whole))} of {whole:,}",
        }
        for label, _, whole, rate, low, high in rows
        if rate is not None and whole >= LEAST_SHOWN
    ]  # fmt: skip
    x = {**_axis("rate", "Rate, with its 95% interval", SHARE), "scale": {"domain": [0, 1]}}
    text, size = _beside("shown"), _named(rows, right=100)
    text["encoding"]["x"] = {"value": size["width"]}
    return {
        **size,
        "data": {"values": values},
        "encoding": {"y": _labels(), "x": x},
        "layer": [_span("x", "low", "high", 3), _point(), text],
    }


def trend(rows: Sequence[Row]) -> Spec:
    """Rows of month, numerator, denominator, rate, the limits at 95% and 99.8%, and the number of a break before it.

    There is no rate where not mature.
    """
    names = ("month", "numerator", "denominator", "rate", "low", "high", "lowest", "highest", "number")
    values: list[Spec] = [
        dict(zip(names, row, strict=False)) for row in rows
    ]  # older addresses have no number
    for value in values:
        value["shown"] = percent(value["rate"], 0) if value["rate"] is not None else "not due"
    breaks = any(value.get("number") for value in values)
    x = {
        "field": "month",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": [value["month"] for value in values], **({"type": "band"} if breaks else {})},
        "axis": {"labelAngle": 0 if len(rows) < 9 else -45},
    }
    y = {**_axis("rate", "Rate", SHARE), "scale": {"domain": [0, 1]}}
    known = [{"filter": f"datum.rate !== null && datum.denominator >= {LEAST_SHOWN}"}]
    label = {
        "mark": {"type": "text", "align": "left", "dx": 6, "dy": -6, "aria": False},
        "encoding": {"text": _text("shown")},
    }
    return {
        "height": 220,
        "data": {"values": values},
        "encoding": {"x": x, "y": y},
        "layer": [
            {**_span("y", "lowest", "highest", 1), "transform": known},
            {**_span("y", "low", "high", 4), "transform": known},
            {**_point(), "transform": known},
            {**label, "transform": known},
            *(_breaks() if breaks else ()),
        ],
    }


def funnel(rows: Sequence[Row]) -> Spec:
    """Rows of label, numerator, denominator, rate and whether it lies outside the limits around the pooled rate."""
    points = [
        {"label": label, "items": whole, "rate": rate, "colour": "#d4351c" if outside else STRONG,
         "shape": "diamond" if outside else "circle"}
        for label, _, whole, rate, outside in rows if whole
    ]  # fmt: skip
    most = max((point["items"] for point in points), default=1) * 1.05
    names = labels.placed([(point["label"], point["items"] / most, point["rate"]) for point in points], PLOT)
    written = [
        {**point, "at": x * most, "height": y, "to": end * most}
        for point, (x, y, end) in zip(points, names, strict=True)
    ]
    x = {**_axis("items", "Items due", {"tickMinStep": 1}), "scale": {"domain": [0, most], "nice": False}}
    y = {**_axis("rate", "Rate", SHARE), "scale": {"domain": [0, 1]}}
    marks = {
        "color": {"field": "colour", "type": "nominal", "scale": None},
        "shape": {"field": "shape", "type": "nominal", "scale": None},
    }
    place = {"x": {"field": "at", "type": "quantitative"}, "y": {"field": "height", "type": "quantitative"}}
    return {
        "width": PLOT[0],
        "height": PLOT[1],
        "padding": {"left": 5, "top": 5, "right": 60, "bottom": 5},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "data": {"values": _limits(rows)},
                "mark": {"type": "line", "color": QUIET},
                "encoding": {
                    "detail": {"field": "name"},
                    "strokeDash": {"field": "dash", "type": "nominal", "scale": None},
                },
            },
            {
                "data": {"values": written},
                "mark": {"type": "rule", "color": QUIET, "size": 0.7},
                "encoding": {"x2": {"field": "to"}, "y2": {"field": "height"}},
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "size": 70},
                "encoding": marks,
            },
            *(
                {
                    "data": {"values": written},
                    "mark": {"type": "text", "align": "left", "baseline": "middle", "aria": False, **edge},
                    "encoding": {**place, "text": _text("label")},
                }
                for edge in ({"stroke": "white", "strokeWidth": 4}, {})  # lines end beside a name
            ),
        ],
    }


def curves(rows: Sequence[Row]) -> Spec:
    """Rows of series, hours, value, low and high (none: no band), as steps; one alone has its band."""
    names = list(dict.fromkeys(row[0] for row in rows))
    values = [dict(zip(("series", "hours", "share", "low", "high"), row, strict=True)) for row in rows]
    last = max((row[1] for row in rows), default=1)
    ticks = [hours for hours in TICKS if hours <= last]
    words = "".join(f"datum.value == {hours} ? '{TICKS[hours]}' : " for hours in ticks)
    x = {
        **_axis(
            "hours",
            "Time",
            {"values": ticks, "labelExpr": f"{words}''", "labelOverlap": "greedy", "labelSeparation": 8},
        ),
        "scale": {"type": "symlog", "domain": [0, last], "nice": False},
    }
    y = {**_axis("share", "Share of items", SHARE), "scale": {"domain": [0, 1]}}
    banded = len(names) == 1
    legend = {
        "orient": "bottom",
        "columns": 2,
        "columnPadding": 32,
        "symbolStrokeWidth": 2,
        "symbolSize": 400,
        "labelLimit": 200,
    }
    look = {
        channel: {
            "field": "series",
            "type": "nominal",
            "title": None,
            "scale": {"domain": names, "range": list(marks[: len(names)])},
            "legend": None if banded else legend,
        }
        for channel, marks in (("color", LINES), ("strokeDash", DASHES))
    }
    line = {"mark": {"type": "line", "interpolate": "step-after"}, "encoding": look}
    ends = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    shade = {"type": "area", "interpolate": "step-after", "color": MIDDLE, "opacity": 0.4}
    band = {"mark": shade, "encoding": ends}
    return {
        "height": 240,
        "data": {"values": values},
        "encoding": {"x": x, "y": y},
        "layer": [band, line] if banded else [line],
    }


def strip(rate: float, low: float, high: float) -> str:
    """A rate as a dot, with its interval, in a band from 0% to 100%; without words."""
    ends, at = (low * 100 + 3, high * 100 + 3), rate * 100 + 3
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 106 12" width="106" height="12">'
        f'<rect width="106" height="12" fill="#eeefef"/><path d="M{ends[0]:.1f} 6H{ends[1]:.1f}" stroke="{QUIET}"'
        f' stroke-width="2.5"/><circle cx="{at:.1f}" cy="6" r="3.2" fill="{INK}"/></svg>'
    )


def _limits(rows: Sequence[Row]) -> list[Spec]:
    """The pooled rate, and the limits at 95% and 99.8% around it, for as many items as the points have."""
    most, whole = max((row[2] for row in rows), default=0), sum(row[2] for row in rows)
    if not whole:
        return []
    pooled = sum(row[1] for row in rows) / whole
    spread = sqrt(pooled * (1 - pooled))
    sizes = sorted({round(most ** (step / 40)) for step in range(41)})
    found = [{"name": "pooled", "items": size, "rate": pooled, "dash": [1, 0]} for size in (0, most)]
    for z, dash in ((Z95, [6, 3]), (Z998, [2, 2])):
        for side in (-1, 1):
            found += [
                {
                    "name": f"{z}{side}",
                    "items": size,
                    "dash": dash,
                    "rate": min(1.0, max(0.0, pooled + side * z * spread / sqrt(size))),
                }
                for size in sizes
            ]
    return found


STYLES: dict[str, Callable[[Sequence[Row]], Spec]] = {
    "bars": bars, "rates": rates, "trend": trend, "funnel": funnel, "curves": curves,
}  # fmt: skip


def _named(rows: Sequence[Row], right: int) -> Spec:
    """The size of a picture whose rows have names at the left and `right` pixels for numbers behind them.

    The names' room is ours, because what they measure is known only where they are drawn.
    """
    left = min(MOST_LABEL, LETTER * max((len(row[0]) for row in rows), default=0))
    return {
        "width": WIDTH - left - right - 12,
        "height": {"step": 24},
        "autosize": "none",
        "padding": {"left": left + 12, "right": right, "top": 4, "bottom": 36},
    }


def _labels() -> Spec:
    axis = {"labelLimit": MOST_LABEL, "labelPadding": 8, "ticks": False}
    return {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": axis}


def _axis(field: str, title: str, axis: Spec) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "axis": axis}


def _text(field: str) -> Spec:
    return {"field": field, "type": "nominal"}


def _beside(field: str) -> Spec:
    """The row's number at the end of its bar."""
    mark = {"type": "text", "align": "left", "dx": 4, "aria": False}
    return {"mark": mark, "encoding": {"text": _text(field)}}


def _span(way: str, low: str, high: str, width: int) -> Spec:
    ends = {way: {"field": low, "type": "quantitative"}, f"{way}2": {"field": high}}
    return {"mark": {"type": "rule", "color": MIDDLE, "size": width}, "encoding": ends}


def _breaks() -> list[Spec]:
    """A numbered dashed line before each month with the number of a break."""
    before = {"x": {"field": "month", "type": "ordinal", "bandPosition": 0}}
    line = {"type": "rule", "color": INK, "strokeDash": [5, 3], "aria": False}
    number = {
        "type": "text",
        "align": "left",
        "baseline": "top",
        "dx": 4,
        "fontWeight": "bold",
        "aria": False,
    }
    known = [{"filter": "datum.number"}]
    return [
        {
            "transform": known,
            "mark": line,
            "encoding": {**before, "y": {"value": 0}, "y2": {"value": "height"}},
        },
        {
            "transform": known,
            "mark": number,
            "encoding": {**before, "y": {"value": 0}, "text": _text("number")},
        },
    ]


def _point() -> Spec:
    return {"mark": {"type": "point", "filled": True, "size": 60, "color": STRONG, "opacity": 1}}
