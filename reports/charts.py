"""The one chart: how the eligible items of a period stand, drawn as SVG from counts alone.

vl-convert hangs for ever in a process forked after its first use: draw in threads, never before a fork.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import vl_convert
from django.utils.html import escape

from reports.measures import NUMERATOR, OUTCOMES

VEGA_LITE = "5.20"
COUNTED, DOWN, OTHER = "#00703c", "#85b8a0", "#505a5f"
ALSO_DOWN = ("DOWN_UPLOADER", "REPORTED_DOWN_UNVERIFIED")
TITLE = "Eligible items by outcome"
OPENING = re.compile(r"<svg([^>]*)>")


def outcomes_svg(outcomes: Mapping[str, int]) -> str:
    """Bars with their numbers, and a title and description for those who do not see them."""
    svg: str = vl_convert.vegalite_to_svg(
        json.dumps(_spec(outcomes)), vl_version=VEGA_LITE, allowed_base_urls=[]
    )
    named = f"<title>{escape(TITLE)}</title><desc>{escape(described(outcomes))}</desc>"
    return OPENING.sub(lambda tag: f'<svg{tag[1]} role="img">{named}', svg, count=1)


def described(outcomes: Mapping[str, int]) -> str:
    """The chart in words; also its text alternative."""
    told = [f"{OUTCOMES[name]}: {count:,}" for name, count in outcomes.items() if count]
    return f"{TITLE}. {'; '.join(told) or 'no items'}."


def _spec(outcomes: Mapping[str, int]) -> dict[str, Any]:
    rows = [
        {"outcome": OUTCOMES[name], "items": count, "label": f"{count:,}", "colour": _colour(name)}
        for name, count in outcomes.items()
    ]
    y = {
        "field": "outcome",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {
            "labelLimit": 260,
            "minExtent": 200,
            "ticks": False,
        },  # room for whatever font a browser takes
    }
    x = {
        "field": "items",
        "type": "quantitative",
        "title": "Items",
        "axis": {"grid": False, "tickMinStep": 1},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": described(outcomes),
        "width": 420,
        "height": {"step": 24},
        "data": {"values": rows},
        "encoding": {"y": y, "x": x},
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "aria": False},
                "encoding": {"text": {"field": "label", "type": "nominal"}},
            },
        ],
        "config": {"font": "Public Sans, Arial, sans-serif", "view": {"stroke": None}, "background": "white"},
    }


def _colour(name: str) -> str:
    return COUNTED if name in NUMERATOR else DOWN if name in ALSO_DOWN else OTHER
