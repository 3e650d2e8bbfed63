from xml.etree import ElementTree

from reports.charts import described, outcomes_svg
from reports.measures import OUTCOMES

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = {**dict.fromkeys(OUTCOMES, 0), "DOWN_PLATFORM_VERIFIED": 1578, "REFUSED": 485}


def test_chart_has_title_description_and_every_number() -> None:
    root = ElementTree.fromstring(outcomes_svg(COUNTS))

    assert (root[0].tag, root[0].text) == (f"{SVG}title", "Eligible items by outcome")
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", described(COUNTS))
    shown = [text.text for text in root.iter(f"{SVG}text")]
    assert {"1,578", "485", *OUTCOMES.values()} <= set(shown)


def test_chart_in_words_leaves_out_what_is_not_there() -> None:
    assert described(COUNTS) == (
        "Eligible items by outcome. Down, by the platform, verified: 1,578;"
        " Left up: the platform refused: 485."
    )
    assert described({}) == "Eligible items by outcome. no items."
