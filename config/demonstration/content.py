"""What the demonstration's items look like: addresses that lead nowhere, in several languages, and how each ends."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from PIL import Image, ImageDraw

from casework.intake import NewItem

T = TypeVar("T")

CATEGORIES = (
    ("small_boat_advert", 10), ("group_discount", 4), ("free_child_place", 2), ("safe_passage_claim", 4),
    ("false_documents", 5), ("lorry_crossing", 3), ("testimonial", 2), ("referral_prize", 1), ("sham_marriage", 1),
)  # fmt: skip
LANGUAGES = (("ar", 5), ("ku", 5), ("fa", 4), ("ps", 2), ("sq", 3), ("vi", 3), ("en", 3), ("fr", 1))
GROUND = {"false_documents": "ida_2010", "sham_marriage": "ia_1971_25"}
RATIONALES = {
    "small_boat_advert": "Offers places on a small boat, names a meeting place and a price.",
    "group_discount": "Offers a crossing with a discount for groups of five or more.",
    "free_child_place": "Offers a crossing in which children travel free of charge.",
    "safe_passage_claim": "Promises a safe passage with life jackets and an escort, which is false.",
    "false_documents": "Offers passports and identity cards of several states for sale.",
    "lorry_crossing": "Offers a crossing hidden in a lorry, with a price and a contact.",
    "testimonial": "Shows passengers thanking the organiser and invites others to follow.",
    "referral_prize": "Promises a free place to whoever brings three further passengers.",
    "sham_marriage": "Offers a marriage for papers, with a price list.",
}
TITLES = {
    "ar": "رحلة آمنة كل أسبوع",
    "ku": "گەشتی سەلامەت", "fa": "سفر امن هر هفته", "ps": "خوندي سفر", "sq": "Udhëtim i sigurt",
    "vi": "Chuyến đi an toàn", "en": "Safe trip, places free this week", "fr": "Traversée sûre, places libres",
}  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """How the platform will answer and what will be seen; shares differ by platform."""

    answer: str = ""
    refusal_code: str = ""
    gone: bool = False
    cause: str = ""
    back: bool = False


FATES: tuple[tuple[Fate, int], ...] = (
    (Fate("removed", gone=True, cause="platform_policy"), 50),
    (Fate("account_suspended", gone=True, cause="account_suspended"), 9),
    (Fate("removed", gone=True), 8),
    (Fate("removed"), 4),  # says removed, we see it
    (Fate("removed", gone=True, cause="platform_policy", back=True), 3),
    (Fate("refused", "no_policy_breach"), 9),
    (Fate("refused", "no_illegality_seen"), 4),
    (Fate("restricted_geo"), 2),
    (Fate("more_information"), 2),
    (Fate("", gone=True, cause="author"), 3),
    (Fate("", gone=True), 3),
    (Fate(), 12),
)

ALREADY_GONE = Fate("already_gone")

ADDRESSES: dict[str, tuple[int, tuple[Callable[[str, int], str], ...]]] = {
    "x": (5, (lambda name, n: f"https://x.com/{name}/status/{9 * 10**18 + n}",)),
    "facebook": (
        6,
        (
            lambda name, n: (
                f"https://www.facebook.com/groups/{990_000_000_000_000 + n % 7}/posts/{999_000_000_000_000 + n}/"
            ),
            lambda name, n: f"https://www.facebook.com/ads/library/?id={998_000_000_000_000 + n}",
        ),
    ),
    "tiktok": (6, (lambda name, n: f"https://www.tiktok.com/@{name}/video/{9 * 10**18 + n}",)),
    "telegram": (5, (lambda name, n: f"https://t.me/{name}/{100_000_000 + n}",)),
    "instagram": (4, (lambda name, n: f"https://www.instagram.com/reel/DEMO{n:07d}/",)),
    "youtube": (2, (lambda name, n: f"https://www.youtube.com/watch?v=DEMO{n:07d}",)),
    "snapchat": (1, (lambda name, n: f"https://www.snapchat.com/add/{name}",)),
    "web": (2, (lambda name, n: f"https://{name.replace('_', '-')}.example/places/{n}",)),
}
ACCOUNTS = tuple(f"demo_route_{number:02d}" for number in range(1, 25))


def pick(random: Random, weighted: tuple[tuple[T, int], ...]) -> T:
    return random.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def address(random: Random, number: int) -> str:
    """A made-up address: identifiers far outside what the platforms have given out, sites under .example."""
    platform = pick(random, tuple((slug, weight) for slug, (weight, _) in ADDRESSES.items()))
    form = random.choice(ADDRESSES[platform][1])
    name = random.choice(ACCOUNTS) if platform != "snapchat" else f"demo_route_{number}"
    return form(name, number)


def screenshot(lines: list[str], *, shade: int) -> bytes:
    """A picture that stands for a capture: text on grey, as PNG."""
    picture = Image.new("RGB", (480, 300), (shade, shade, 255 - shade // 3))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, 450, 180), fill=(shade // 2, shade // 2, shade // 2))
    for row, line in enumerate(lines):
        draw.text((30, 200 + 24 * row), line.encode("ascii", "replace").decode(), fill=(20, 20, 20))
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def table(rows: Iterable[NewItem]) -> bytes:
    """Items as the CSV file that a partner would send."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["address", "category", "language", "source", "found_at"])
    for row in rows:
        found_at = row.found_at.isoformat() if row.found_at else ""
        writer.writerow([row.address, row.category, row.language, row.source, found_at])
    return stream.getvalue().encode()
