"""Tries recognition and extraction on mutated addresses and texts of the corpus, for as long as you like.

    python -m tests.platforms.fuzz --minutes 60 [--seed 1]

Prints each broken promise with a shortened input that breaks it, then how many inputs were tried; ends with 1 if any
promise was broken. Pure and offline. `test_properties.py` holds the same promises within `make test`.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import quote

from accounts.showing import defang
from platforms import notation, weburl
from platforms.extraction import find
from platforms.recognition import NotAnAddress, Recognition, has_mixed_scripts, lookalike, recognise, refang
from tests.platforms.scorer import lines, rows
from tests.platforms.test_properties import EXAMPLES, PLAIN, SPELLINGS

SLOW = 0.5  # seconds that one short input may take
MOST_SHOWN = 3  # inputs shown of one broken promise
TELL = 60.0  # seconds between two lines of progress
PIECES = (
    "/", "//", "?", "&", "=", "#", ".", "..", "%", "%2F", "%23", "%3F", "%00", "%0A", "%C3%A9", "%ED%A0%80", "%2525",
    "%E2%80%8B", "%20", "+", "@", ":", ";", ",", "-", "_", "~", "!", "|", "'", '"', "*", "(", ")", "[", "]", "{", "}",
    "<", ">", "[.]", "(dot)", "[:]", "[/]", "hxxp://", "hxxps[:]//", "https://", "http:", "&amp;", "&#x2F;", "\\",
    "\\/", "\u200b", "\u200f", "\u202e", "\ufe0f", "\u00e9", "e\u0301", "\u6f22", "\u0633\u0644\u0627\u0645", "\u06f1",
    "\u017f", "\u212a", "\u0130", "\u0131", "\u00df", "\u03c2", "\u0430", "\u3002", "\uff0e", "\uff0f", "\U0001f600",
    "\ud800", "\x00", "\t", "\n", " ", "\u00a0", "utm_source=1", "v=", "id=", "u=https://", "next=/", "l.php", "post",
    "status", "posts", "reel", "photo", "123", "1234567890123456", "0", "-100", "#!", "#/", "www.", "m.", "xn--",
    "xn--80ak6aa92e", "@evil.test", ":443", ":8443", ".evil.test", "javascript:", "intent://",
    "#Intent;scheme=https;end", "android-app://", "tg://", "127.0.0.1", "0x7f.1", "[::1]", "co.uk", "COM",
)  # fmt: skip

Promise = Callable[[str], str]


# -- Inputs ----------------------------------------------------------------------------------------


class Mutator:
    """Endless inputs made from those that people wrote; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.addresses = sorted({*EXAMPLES, *(line["address"] for line in lines())})
        self.texts = [row["text"] for row in rows("texts")]
        self.steps = (
            self.insert,
            self.insert,
            self.cut,
            self.double,
            self.cross,
            self.swap,
            self.encode,
            self.case,
        )

    def address(self) -> str:
        made = self.dice.choice(self.addresses)
        for _ in range(self.dice.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            made = self.dice.choice(self.steps)(made)
        return self.wrap(made) if self.dice.random() < 0.05 else made

    def text(self) -> str:
        parts = [self.dice.choice((self.word, self.address))() for _ in range(self.dice.randint(1, 4))]
        between = self.dice.choice((" ", "\n", ", ", "", "(", "\u202b", "\u3001", "|", " \u0648 "))
        return between.join(parts)

    def word(self) -> str:
        return self.dice.choice((self.insert, self.cut, str))(self.dice.choice(self.texts))

    def place(self, text: str) -> int:
        return self.dice.randint(0, len(text))

    def insert(self, text: str) -> str:
        at = self.place(text)
        return text[:at] + self.dice.choice(PIECES) + text[at:]

    def cut(self, text: str) -> str:
        at = self.place(text)
        return text[:at] + text[at + self.dice.choice((1, 1, 2, 5, 20)) :]

    def double(self, text: str) -> str:
        start, end = sorted((self.place(text), self.place(text)))
        return text[:end] + text[start:end] + text[end:]

    def cross(self, text: str) -> str:
        other = self.dice.choice(self.addresses)
        return text[: self.place(text)] + other[self.place(other) :]

    def swap(self, text: str) -> str:
        start, end = sorted((self.place(text), self.place(text)))
        return text[:start] + text[end : end + 3] + text[start:end] + text[end + 3 :]

    def encode(self, text: str) -> str:
        start, end = sorted((self.place(text), self.place(text)))
        return text[:start] + quote(text[start:end], safe="", errors="replace") + text[end:]

    def case(self, text: str) -> str:
        start, end = sorted((self.place(text), self.place(text)))
        return text[:start] + text[start:end].swapcase() + text[end:]

    def wrap(self, text: str) -> str:
        return f"https://l.facebook.com/l.php?u={quote(text, safe='', errors='replace')}&h=AT0"


# -- Promises: each says what is wrong, or nothing ---------------------------------------------------


def named(text: str) -> Recognition | None:
    try:
        return recognise(text)
    except NotAnAddress:
        return None


def is_stable(text: str) -> str:
    """The canonical address names the same item in the same form, defanged or not."""
    found = named(text)
    if found is None:
        return ""
    again = recognise(found.canonical)
    if (again.key, again.canonical) != (found.key, found.canonical):
        return f"{found.canonical!r} is read as {again.key} {again.canonical!r}"
    if refang(defang(found.canonical)) != found.canonical:
        return f"defanging {found.canonical!r} cannot be undone"
    return "" if recognise(defang(found.canonical)).key == found.key else "defanged, it is another item"


def can_be_kept(text: str) -> str:
    """What is stored of an item is text that a database takes, and the key says whose it is."""
    found = named(text)
    if found is None:
        return ""
    for value in (found.canonical, found.identifier or "", found.owner or "", found.namespace):
        if "\x00" in value or value != value.encode(errors="replace").decode():
            return f"{value!r} cannot be stored"
    if not found.canonical.isprintable():
        return f"{found.canonical!r} has characters that nobody sees"
    return "" if found.key[0] == found.platform else "the key is of another platform"


def settles(text: str) -> str:
    """Tidying and refanging twice is tidying and refanging once."""
    if refang(refang(text)) != refang(text):
        return f"refang: {refang(text)!r}, then {refang(refang(text))!r}"
    tidy = notation.tidy(text)
    return "" if notation.tidy(tidy) == tidy else f"tidy: {tidy!r}, then {notation.tidy(tidy)!r}"


def reads_as_the_parser(text: str) -> str:
    clean = weburl.clean(text)
    return "" if clean is None or clean == weburl.parse(text) else f"{clean} is not {weburl.parse(text)}"


def warns(text: str) -> str:
    """The warnings about a host answer for any text."""
    lookalike(text)
    has_mixed_scripts(text)
    return ""


def has_its_place(text: str) -> str:
    """What is found in a text stands where it says, in order, and can be recognised."""
    found = find(text)
    if any(notation.tidy(text[it.start : it.end]) != it.address for it in found):
        return "an address is not what stands at its place"
    if any(before.end > after.start for before, after in pairwise(found)):
        return "two addresses overlap"
    unread = [it.address for it in found if named(it.address) is None]
    return f"{unread[0]!r} was found and cannot be read" if unread else ""


OF_ADDRESSES: tuple[Promise, ...] = (is_stable, can_be_kept, settles, reads_as_the_parser, warns)
OF_TEXTS: tuple[Promise, ...] = (has_its_place,)


def broken(promise: Promise, text: str) -> str:
    """What breaks the promise on this input; nothing if it is kept."""
    begun = time.process_time()
    try:
        wrong = promise(text)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if not wrong and time.process_time() - begun > SLOW:
        return f"it took more than {SLOW} s"
    return wrong


def same_item(dice: random.Random) -> tuple[str, str]:
    """An address in another spelling, and what is wrong if it is read as another item."""
    address = dice.choice(PLAIN)
    written = dice.choice(SPELLINGS)(
        dice.choice(SPELLINGS)(address, dice.randint(0, 200)), dice.randint(0, 200)
    )
    found = named(written)
    is_same = found is not None and found.key == recognise(address).key
    return written, "" if is_same else f"is read as {found and found.key}, not as {address!r}"


def shortest(promise: Promise, text: str) -> str:
    """The input with everything left out that the promise breaks without."""
    length = max(1, len(text) // 2)
    while length:
        start = 0
        while start < len(text):
            less = text[:start] + text[start + length :]
            if broken(promise, less):
                text = less
            else:
                start += length
        length //= 2
    return text


# -- Running ---------------------------------------------------------------------------------------


def failures(seconds: float, seed: int) -> Iterator[tuple[int, str, str, str]]:
    """Inputs tried so far, promise, input and what is wrong; with an empty promise once a minute."""
    mutator, count = Mutator(seed), 0
    end, told = time.monotonic() + seconds, time.monotonic()
    while (now := time.monotonic()) < end:
        count += 3
        address, text = mutator.address(), mutator.text()
        for promises, tried in ((OF_ADDRESSES, address), (OF_TEXTS, text), (OF_TEXTS, address)):
            for promise in promises:
                if wrong := broken(promise, tried):
                    yield count, promise.__name__, shortest(promise, tried), wrong
        written, wrong = same_item(mutator.dice)
        if wrong:
            yield count, "same_item", written, wrong
        if now - told > TELL:
            told = now
            yield count, "", "", ""
    yield count, "", "", ""


def main() -> int:
    """Try for so many minutes; 1 if a promise was broken."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    seen: dict[str, int] = {}
    for count, promise, text, wrong in failures(60 * given.minutes, given.seed):
        if not promise:
            print(f"{count:,} inputs, {sum(seen.values()):,} broken promises", flush=True)
            continue
        seen[promise] = seen.get(promise, 0) + 1
        if seen[promise] <= MOST_SHOWN:
            print(f"{promise}: {text!r}: {wrong}"[:2_000], flush=True)
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
