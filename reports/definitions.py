"""What each statistic is: printed by the methodology page and the PDF, and held against docs/statistics.md by a test.

A version changes when the same records would give another figure.
"""

from typing import NamedTuple


class Definition(NamedTuple):
    """One statistic: what is counted over what, and where the definition is taken from."""

    name: str
    unit: str
    numerator: str
    denominator: str
    source: str
    version: str = "1"


WILSON = "Wilson (1927); Newcombe (1998)"
KAPLAN_MEIER = "Kaplan and Meier (1958); Greenwood (1926), log(-log) limits"
DEFINITIONS = {
    "S01": Definition(
        "Notices and items notified", "item, notice, chaser",
        "items of notices with T0 in the period; their notices; chasers by their own T0", "",
        "a count of units, each stated apart",
    ),
    "S02": Definition(
        "Exclusions", "item", "items left out, by the first of X1 to X6 that fits", "items notified",
        "identity: notified = eligible + X1 + … + X6",
    ),
    "S03": Definition(
        "Outcomes at the as-at", "item", "eligible items by the first outcome that fits", "eligible items",
        "the split that the NCA published for its referrals of 2020",
    ),
    "S04": Definition(
        "Taken down to date, net", "item", "DOWN_PLATFORM_VERIFIED and DOWN_UNATTRIBUTED at the as-at",
        "eligible items", WILSON,
    ),
    "S05": Definition(
        "Taken down within a window", "item",
        "removed by T0 + W, not by the uploader, and not seen live again up to T0 + W",
        "eligible items with T0 + W up to the as-at, not held in the window", WILSON,
    ),
    "S06": Definition(
        "Removed, of items decided or verified down", "item", "as S04",
        "eligible items with a decision, or verified down by any cause", f"only beside S04; {WILSON}",
    ),
    "S07": Definition(
        "Verified share", "item", "claimed removals looked at since the claim, and verified ones nobody claimed",
        "eligible items with a removal claimed or verified", WILSON,
    ),
    "S08": Definition(
        "Time to removal", "item", "first verified removal, by the platform or unattributed; hours from T0",
        "eligible items, and those held after T0; other causes and the last look censor", KAPLAN_MEIER,
    ),
    "S09": Definition(
        "Mean hours live in the first 28 days", "item", "area under the curve of S08 from 0 to 672 hours",
        "as S08", "restricted mean survival time",
    ),
    "S10": Definition(
        "What ended it first", "item", "platform, unattributed, uploader, UK block, hold, by T0 + W", "as S08",
        "Aalen and Johansen (1978)",
    ),
    "S11": Definition(
        "Responsiveness", "notice",
        "acknowledged by a person, or decided on any line, by T0 + W; any reaction by a person by the as-at",
        "delivered notices with T0 + W up to the as-at",
        f"the “assessed” measure of the EU Code of conduct; never called takedown; {KAPLAN_MEIER}",
    ),
    "S12": Definition(
        "Refusals", "item", "refused at any time in the episode; and of these, down within 28 days after",
        "eligible items; and those refused 28 days or more before the as-at", WILSON,
    ),
    "S13": Definition(
        "Durability", "item", "seen live again, or a linked copy found, within D of the first removal",
        "first removals not by the uploader with removal + D up to the as-at", f"{WILSON}; {KAPLAN_MEIER}",
    ),
    "S14": Definition(
        "Restricted but not removed", "item",
        "RESTRICTED_UK and LIMITED, by measure and territories; not reachable from the UK: S04,"
        " DOWN_UPLOADER and RESTRICTED_UK", "eligible items", WILSON,
    ),
    "S15": Definition(
        "Our own speed", "item", "hours from sighting to approval, to sending, to T0; from sighting to removal",
        "eligible items for which both times are recorded; for the removal as S08", KAPLAN_MEIER,
    ),
    "S16": Definition(
        "Notice quality", "notice, item",
        "delivered and never found invalid; upheld (as S04); disputed; called an error; not delivered",
        "delivered notices or items; decided eligible items; eligible items; delivered items; notices or items",
        WILSON,
    ),
    "S17": Definition(
        "Removals recorded in the period", "item",
        "items of any cohort, down as in S04, whose removal falls in the period; items nobody was notified of that"
        " went with their account apart", "", "a count of a flow, never a rate",
    ),
    "S18": Definition(
        "Backlog", "item", "eligible items live at the as-at, by age since T0 and by outcome", "", "a count",
    ),
    "S20": Definition(
        "Annual table of notices", "line",
        "lines by platform, category and last decision at the as-at, if made since the notice left;"
        " without one by whether a person reacted", "delivered lines with T0 in the period, whatever S02 leaves out",
        "Regulation (EU) 2022/2065, Article 22(3) and recital 62; median time to decision: Kaplan and Meier (1958)",
    ),
}  # fmt: skip
