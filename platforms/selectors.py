"""What joins content beyond its address: telephone numbers, handles, e-mail addresses, wallets and invitations in text.

    find_selectors("Call +44 7700 900123")[0][:3] == ("telephone", "", "+447700900123")

Pure and offline. docs/network.md tells what is read and what is not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from platforms import extraction, telephones, wallets
from platforms.notation import INVISIBLE
from platforms.recognition import RULES_VERSION, NotAnAddress, Recognition, account_named, recognise

VERSION = f"1-{RULES_VERSION}"
MOST_CHARACTERS = 100_000
MOST_SELECTORS = 200
LONGEST = 300

_DIGITS = {
    ord(zero) + value: str(value)
    for zero in "\u0660\u06f0\u0966\u09e6\u0ed0\u0e50\uff10"
    for value in range(10)
} | {
    0xFF0B: "+",
    0xFF1A: ":",
    0xFF20: "@",
}
_FLAT = _DIGITS | dict.fromkeys(
    [
        code
        for first, last in re.findall("(.)(?:-(.))?", INVISIBLE)
        for code in range(ord(first), ord(last or first) + 1)
    ]
    + [0x20E3],
    " ",
)
_AT = r"(?:@|\s?[\[({]\s?(?:@|at)\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:\.|dot|punkt|point|punto)\s?[\])}]\s?)"
_MAYBE = re.compile(
    rf"@|/|[\[({{]\s?at\s?[\])}}]|{telephones.MAYBE.pattern}|(?<!\w)[A-Za-z0-9]{{26}}"
    r"|[:=–-]\s?[\w.]*[a-z]",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(
    rf"(?<![\w.+@-])([A-Za-z0-9_][\w.+-]{{0,63}}){_AT}((?:[A-Za-z0-9-]{{1,63}}{_DOT}){{1,5}}[A-Za-z]{{2,24}})(?![\w@-])",
    re.IGNORECASE | re.ASCII,
)
_FEDIVERSE = re.compile(
    r"(?<![\w.@/])@([A-Za-z0-9_]{1,30})@((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})(?![\w@-])",
    re.IGNORECASE | re.ASCII,
)
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9_.@/=+-])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,58}[A-Za-z0-9_])?)(?![A-Za-z0-9_@]|\.[a-z])"
)
_NO_HANDLE = re.compile(
    r"\d+(?:[.:]\d+)?[a-z]{0,4}|(?:media|import|font|param|return|override|everyone|here|all|channel)",
    re.IGNORECASE,
)
_CODE = re.compile(r"^\s*[({\"']|^\s+\w+\s*[{(]")
_PLATFORM_WORDS = {
    "telegram": r"telegram|telgram|tg|تلگرام|تلجرام|تيليجرام|تليجرام|تيليغرام|تلغرام|телеграм\w*|тг|تێلێگرام",
    "instagram": r"instagram|insta|ig|انستقرام|انستغرام|انستا|اینستاگرام|اینستا|инстаграм\w*|инста",
    "tiktok": r"tik\s?tok|tt|تيك\s?توك|تیک\s?تاک|тикток\w*|تیکتۆک",
    "snapchat": r"snap(?:chat)?|sc|سناب(?:\s?شات)?|اسنپ(?:\s?چت)?|снапчат\w*",
    "x": r"twitter|تويتر|توییتر|твиттер\w*",
    "facebook": r"facebook|fb|فيسبوك|فیسبوک|фейсбук\w*",
    "youtube": r"you\s?tube|yt|يوتيوب|یوتیوب|ютуб\w*",
    "threads": r"threads",
    "vk": r"vk|vkontakte|вк|вконтакте",
    "twitch": r"twitch",
    "soundcloud": r"soundcloud",
    "reddit": r"reddit",
}
_WORD_OF = {slug: f"(?P<{slug}>{words})" for slug, words in _PLATFORM_WORDS.items()}
_NAMED = "|".join(_WORD_OF.values())
_BETWEEN = (
    r"\s{0,2}(?:id|user(?:name)?|handle|account|channel|page|group|قناة|کانال|канал|حساب)?"
    r"\s{0,2}[:=–—>→-]{0,2}\s{0,2}\(?"
)
_BEFORE = re.compile(rf"(?<![\w@])(?:{_NAMED}){_BETWEEN}$", re.IGNORECASE)
_BEHIND = re.compile(
    rf"^\)?\s{{0,2}}[(,]?\s?(?:on|via|in|auf|sur|en|su|op|na|в|на|على|عبر|در|لە)\s{{1,2}}(?:{_NAMED}|(?P<twitter>X))(?!\w)",
    re.IGNORECASE,
)
_AFTER_WORD = re.compile(
    rf"(?<![\w@/.])(?:{_NAMED}|(?P<twitter>x))\s{{0,2}}(?:id|user(?:name)?|handle|account|channel)?\s{{0,2}}[:=–—-]\s{{0,2}}"
    r"(?P<name>(?=[A-Za-z0-9_.]*[A-Za-z])(?=[A-Za-z.]*[0-9_]|[A-Za-z0-9_]+\.[A-Za-z0-9_]{3})[A-Za-z0-9_.]{3,40}(?<!\.))(?![\w@:/])",
    re.IGNORECASE,
)


class Selector(NamedTuple):
    """What was found, in one form, and where: `text[start:end]`.

    `kind`: telephone, handle, email, wallet or invite. `scope`: the platform of a handle or an invitation ("" where
    the text does not say), the chain of a wallet.
    """

    kind: str
    scope: str
    value: str
    start: int = 0
    end: int = 0


class Named(Protocol):
    """What is known of an address by what it names."""

    platform: str | None
    kind: str
    canonical: str
    needs_network: bool
    account: tuple[str, str] | None


def find_selectors(text: str, *, regions: Iterable[str] = ()) -> list[Selector]:
    """Return what is found in the first 100,000 characters, in the order in which it stands, at most 200.

    `regions` (ISO 3166) are those in which a telephone number without its country may be read.
    """
    text = text[:MOST_CHARACTERS]
    flat = text if text.isascii() else text.translate(_FLAT)
    if _MAYBE.search(flat) is None:
        return []
    found: list[Selector] = []
    for step in (_of_addresses, _emails, _wallets, _handles):
        for each in step(flat):
            found.append(each)
        flat = _blanked(flat, found)
    if telephones.MAYBE.search(flat):
        found += [
            Selector("telephone", "", *number) for number in telephones.find_telephones(flat, tuple(regions))
        ]
    kept = [each for each in found if each.value and len(each.value) <= LONGEST]
    return sorted(kept, key=lambda each: each.start)[:MOST_SELECTORS]


def of_address(read: Recognition | Named) -> Selector | None:
    """Return what an item's own address is beside an address: an invitation or a telephone number; else None."""
    if read.kind == "invite" and not read.needs_network:
        return Selector("invite", read.platform or "", read.canonical)
    namespace, identifier = read.account or ("", "")
    if namespace == "phone" and telephones.is_telephone(identifier):
        return Selector("telephone", "", f"+{identifier}")
    return None


def _blanked(text: str, found: Iterable[Selector]) -> str:
    """The text with what has been read put out, so that no part of it is read again."""
    for each in found:
        text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    return text


def _of_addresses(text: str) -> Iterator[Selector]:
    """Addresses name invitations, telephone numbers and accounts; any other is passed over (an empty value)."""
    if "/" not in text:
        return
    for found in extraction.find(text):
        yield _of(found.address)._replace(start=found.start, end=found.end)


def _of(address: str) -> Selector:
    try:
        read = recognise(address)
    except NotAnAddress:
        return Selector("address", "", "")
    if found := of_address(read):
        return found
    if read.account and read.account == account_named(read.platform, read.account[1]):
        return Selector("handle", read.platform, read.account[1])
    return Selector("address", read.platform, "")


def _emails(text: str) -> Iterator[Selector]:
    if "@" not in text and "at" not in text.lower():
        return
    for match in _EMAIL.finditer(text):
        host = re.sub(_DOT, ".", match[2], flags=re.IGNORECASE)
        yield Selector("email", "", f"{match[1]}@{host}".lower(), *match.span())


def _wallets(text: str) -> Iterator[Selector]:
    for match in wallets.CANDIDATE.finditer(text):
        if found := wallets.wallet(match[0]):
            yield Selector("wallet", *found, *match.span())


def _handles(text: str) -> Iterator[Selector]:
    taken = set()
    for match in _FEDIVERSE.finditer(text):
        taken.add(match.start())
        yield Selector("handle", "mastodon", f"{match[1]}@{match[2]}".lower(), *match.span())
    for match in _HANDLE.finditer(text):
        if match.start() in taken or not _is_handle(text, match):
            continue
        yield _handle(_platform_beside(text, *match.span()), match[1], *match.span())
    for match in _AFTER_WORD.finditer(text):
        yield _handle(_platform(match), match["name"], *match.span("name"))


def _is_handle(text: str, match: re.Match[str]) -> bool:
    name = match[1]
    return (
        len(name) > 2
        and not _NO_HANDLE.fullmatch(name)
        and not _CODE.search(text[match.end() : match.end() + 12])
    )


def _handle(platform: str, name: str, start: int, end: int) -> Selector:
    named = account_named(platform, name) if platform else None
    return Selector("handle", platform, named[1] if named else name.lower(), start, end)


def _platform_beside(text: str, start: int, end: int) -> str:
    beside = _BEFORE.search(text[max(0, start - 40) : start]) or _BEHIND.search(text[end : end + 25])
    return _platform(beside) if beside else ""


def _platform(match: re.Match[str]) -> str:
    slugs = [slug for slug, words in match.groupdict().items() if words and slug != "name"]
    return "x" if slugs == ["twitter"] else slugs[0]
