"""One operation from pasted addresses to a takedown rate, as data: both journeys live it and end with `HISTORY`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from casework.models import Event, Item
from notices.models import Notice

CASE = "OP-2026-014"
CASE_TITLE = "Adverts for small boats, autumn"
KNOWN_ADDRESS = "https://x.com/somebody/status/1800000000000000001"
PASTED = """\
1) https://www.facebook.com/groups/700000000000001/posts/800000000000001/
2) hxxps://m[.]facebook[.]com/groups/700000000000001/permalink/800000000000002/?fbclid=IwAR0Abc
3) <https://web.facebook.com/groups/700000000000001/posts/800000000000003?ref=share>
4. facebook.com/groups/700000000000001/posts/800000000000004.
- http://www.facebook.com/groups/700000000000002/posts/800000000000005/?__cft__[0]=AZX
- https://mbasic.facebook.com/groups/700000000000002/permalink/800000000000006/
"https://www.facebook.com/groups/700000000000002/posts/800000000000007/", \
"https://WWW.FACEBOOK.COM/groups/700000000000002/posts/800000000000008/"
» https://www.facebook.com/permalink.php?story_fbid=800000000000009&id=100000000000009
https://facebook[.]com/permalink.php?story_fbid=800000000000010&id=100000000000010&sfnsn=mo
https://www.facebook.com/story.php?story_fbid=800000000000011&id=100000000000011 (the price is in it)
https://m.facebook.com/story.php?story_fbid=800000000000012&id=100000000000012

https://x.com/boat_offer_1/status/1900000000000000001
https://twitter.com/boat_offer_1/status/1900000000000000002?s=20
hxxps[:]//x[.]com/boat_offer_2/status/1900000000000000003
https://mobile.twitter.com/boat_offer_2/status/1900000000000000004?t=Qwe&s=19
https://x.com/boat_offer_3/status/1900000000000000005/photo/1
https://x.com/boat_offer_3/status/1900000000000000006, https://x.com/boat_offer_3/status/1900000000000000007
https://x.com/i/status/1900000000000000008
https://x.com/boat_offer_4/status/1900000000000000009!!!
https://x.com/boat_offer_4/status/1900000000000000010
the first again, from the phone: https://mobile.twitter.com/boat_offer_1/status/1900000000000000001?s=46
this we had in the summer https://x.com/somebody/status/1800000000000000001
x dot com/boat_offer_2/status/1900000000000000011

https://www.tiktok.com/@crossing.offer/video/7400000000000000001
https://m.tiktok.com/@crossing.offer/video/7400000000000000002?_r=1&_t=8abc
tiktok[.]com/@crossing.offer/video/7400000000000000003
https://www.tiktok.com/@boats.daily/video/7400000000000000004?lang=ar
https://www.tiktok.com/@boats.daily/photo/7400000000000000005
https://www.tiktok.com/@boats.daily
t.me/crossing_channel/101
https://t[.]me/crossing_channel/102?single
https://telegram.me/s/crossing_channel/103
tg://resolve?domain=crossing_channel&post=104
https://youtu.be/dQw4w9WgXc1?si=abcdef
https://www.youtube.com/shorts/dQw4w9WgXc2
https://www.instagram.com/p/C1aBcDeFgH1/?igsh=xyz
https://www.instagram.com/reel/C1aBcDeFgH2/
https://t.co/Ab12Cd34Ef
"""
READ_AS = {"Facebook": 12, "X": 13, "TikTok": 6, "Telegram": 4, "YouTube": 2, "Instagram": 2, "": 1}
TWICE, KNOWN, UNREADABLE, SHORT = 23, 24, 25, 40  # rows of what was read
SAVED = 36

CATEGORY = "small_boat_advert"
GROUND = "bsaia_2025_17"
RATIONALE = "Offers places on a small boat and names a price."
WITHDRAWN = ("x", 10)
WITHDRAWAL = "The post quotes the advert to warn of it."
SENDER = {
    "organisation": "Online Content Referral Centre",
    "name": "Referral desk",
    "email": "referrals@desk.example",
    "good_faith": True,
}


@dataclass(frozen=True)
class Said:
    """An answer to some lines of the notice to Facebook, given at once."""

    lines: tuple[int, ...]
    answer: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What the officer sees afterwards at one line of the notice to Facebook, with a screenshot."""

    line: int
    verdict: str
    cause: str = ""


ANSWERS = (
    Said((1, 2, 3, 4, 5, 6), "removed"),
    Said((7,), "account_suspended"),
    Said((8, 12), "refused", {"refusal_code": "no_policy_breach"}),
    Said((9,), "refused", {"refusal_code": "no_illegality_seen"}),
    Said((10,), "more_information", {"note": "Which comment is meant?"}),
    Said((11,), "restricted_geo", {"territories": ["GB"]}),
)
CHECKS = (
    *(Seen(line, "gone", "platform_policy") for line in range(1, 6)),
    Seen(6, "live"),
    Seen(7, "account_gone", "account_suspended"),
    Seen(8, "live"),
    Seen(9, "gone", "author"),
    Seen(10, "private"),
    Seen(11, "geo_blocked"),
    Seen(12, "gone", "unknown"),
)
DISPUTED = {"says_removed": (6,), "says_kept": (9, 12)}
STILL_LIVE = tuple(range(1, 9))  # lines of the notice to X, looked at together without screenshots

# By hand from statistics.md: 22 notified, one withdrawn; gone by the platform lines 1 to 5 and 7, gone without
# a stated cause line 12; decided are all lines to Facebook but 10.
OUTCOMES = {
    "REINSTATED": 0,
    "DOWN_PLATFORM_VERIFIED": 6,
    "DOWN_UPLOADER": 1,
    "DOWN_UNATTRIBUTED": 1,
    "RESTRICTED_UK": 1,
    "REPORTED_DOWN_UNVERIFIED": 0,
    "CONTRADICTED": 1,
    "LIMITED": 0,
    "REFUSED": 1,
    "PENDING": 8,
    "UNKNOWN": 2,
}
EXCLUDED = {"X1": 1, "X2": 0, "X3": 0, "X4": 0, "X5": 0, "X6": 0}
NOTIFIED, ELIGIBLE, DOWN, DECIDED = 22, 21, 7, 11
RATE, BOUNDS, INTERVAL = "33%", (0.1719, 0.5463), "95% interval 17% to 55%"  # 7 of 21, Wilson
RATE_DECIDED, BOUNDS_DECIDED, INTERVAL_DECIDED = "64%", (0.3538, 0.8483), "95% interval 35% to 85%"  # 7 of 11


def item(platform: str, line: int) -> Item:
    """By the line that it has in the notice: lines are in the order of the items' references."""
    return Item.objects.filter(case__reference=CASE, platform__slug=platform).order_by("pk")[line - 1]


def notice(platform: str) -> Notice:
    return Notice.objects.get(platform__slug=platform)


Happened = tuple[str, str, str, str]


def history(events: Iterable[Event]) -> list[Happened]:
    """Kind, old and new status, and who, in the order of recording."""
    return [(event.kind, event.old, event.new, event.actor_name) for event in events]


def item_history(platform: str, line: int) -> list[Happened]:
    return history(item(platform, line).events.order_by("pk"))


def notice_history(platform: str) -> list[Happened]:
    own = Event.objects.filter(notice=notice(platform).reference, item=None)
    return history(own.order_by("pk"))


def noticed_items(platform: str = "") -> list[Item]:
    """Those that go into a notice, in the order of their references."""
    chosen = Item.objects.filter(
        case__reference=CASE, platform__slug__in=[platform or "facebook", platform or "x"]
    )
    return list(chosen.order_by("pk"))


OFFICER, REVIEWER, LIAISON, DESK = "Officer 1", "Reviewer 1", "Liaison 1", "Takedown Desk"
ASSESSED = [
    ("item.identified", "", "reported", OFFICER),
    ("item.claimed", "reported", "in_assessment", OFFICER),
    ("item.assessed", "", "", OFFICER),
]
RECEIVED = [
    *ASSESSED,
    ("evidence.attached", "", "", OFFICER),
    ("item.approved", "in_assessment", "approved", REVIEWER),
    ("item.notified", "approved", "notified", DESK),
    ("episode.opened", "", "", DESK),
]
CONFIRMED = [("item.confirmed_gone", "notified", "watching", DESK), ("episode.closed", "", "", DESK)]
TAKEN_BACK = [("item.withdrawn", "notified", "closed", REVIEWER), ("episode.closed", "", "", DESK)]
SENT = [
    ("notice.drafted", "", "draft", OFFICER),
    ("notice.submitted", "draft", "awaiting_approval", OFFICER),
    ("notice.approved", "awaiting_approval", "approved", REVIEWER),
    ("notice.queued", "approved", "queued", OFFICER),
    ("notice.sent", "queued", "sent", DESK),
]
ANSWERED = [
    ("notice.acknowledged", "sent", "acknowledged", LIAISON),
    ("notice.part_answered", "acknowledged", "part_answered", LIAISON),
    ("notice.answered", "part_answered", "answered", LIAISON),
]


def looked_at(verdict: str) -> list[Happened]:
    return [("check.recorded", "", verdict, OFFICER)]


def facebook_history(seen: Seen) -> list[Happened]:
    """What must have happened to one line of the notice to Facebook."""
    answered = ("notice.line_answered", "", "", LIAISON)
    gone = CONFIRMED if seen.verdict in ("gone", "account_gone") else []
    return [*RECEIVED, answered, ("evidence.attached", "", "", OFFICER), *looked_at(seen.verdict), *gone]


def x_history(line: int) -> list[Happened]:
    looked = looked_at("live") if line in STILL_LIVE else []
    return [*RECEIVED, *looked, *(TAKEN_BACK if ("x", line) == WITHDRAWN else [])]


def check_histories() -> None:
    """Every event of the case, its items and its notices: however they came about, they are these."""
    case = Event.objects.filter(case__reference=CASE, item=None).order_by("pk")
    assert history(case) == [("case.opened", "", "open", OFFICER)]
    for seen in CHECKS:
        assert item_history("facebook", seen.line) == facebook_history(seen)
    for line in range(1, 11):
        assert item_history("x", line) == x_history(line)
    others = Item.objects.filter(case__reference=CASE).exclude(platform__slug__in=["facebook", "x"])
    assert [history(each.events.order_by("pk")) for each in others] == [ASSESSED] * 14
    assert notice_history("facebook") == [*SENT, *ANSWERED]
    assert notice_history("x") == SENT
