"""What recognition and extraction promise on any input, tried with made-up addresses and texts.

`PROPERTY_EXAMPLES=20000 pytest tests/platforms/test_properties.py` looks further than `make test` does.
"""

import contextlib
import os
import re
from collections.abc import Callable
from itertools import pairwise
from time import process_time
from timeit import repeat
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.showing import defang
from platforms import notation, recognition, weburl
from platforms.extraction import extract, find
from platforms.recognition import NotAnAddress, Recognition, lookalike, recognise, refang

EACH = int(os.environ.get("PROPERTY_EXAMPLES", "100"))
LONG = 1_000_000
NOT_KINDS = {"namespace", "identifier", "owner", "needs_network"}
EXAMPLES = [
    address
    for platform in recognition.platforms()
    for group in platform.examples
    for kind in group.keys() - NOT_KINDS
    for address in group[kind]
]
PLAIN = sorted(
    address for address in EXAMPLES if re.fullmatch(r"https://[\w./?=&@%+#:~!,-]*[\w/=]", address, re.ASCII)
)
HOSTS = sorted(
    {host for platform in recognition.platforms() for hosts in platform.hosts.values() for host in hosts}
)
PIECES = st.sampled_from(
    [
        "/", "//", "?", "&", "=", "#", ".", "..", "%", "%2F", "%23", "%00", "%C3%A9", "%2525", "@", ":", ";",
        "+", "-", "_", "~", "!", "(", ")", "[", "]", "[.]", "hxxp://", "https://", "&amp;", "\\", "\u200b",
        "\u202e", "\u00e9", "\u6f22", "\u017f", "\u212a", "\u0130", " ", "utm_source=1", "v=", "id=", "u=",
        "l.php", "url?", "post", "status", "posts", "p", "reel", "123", "1234567890123456", "AbC", "-100",
        "#!", "#/", "at", "dot", "intent://", "#Intent;scheme=https;end", "android-app://", "www.x.com",
        "\ud800", "\x00", "\u3002", "\uff0e", "%EF%BC%8E", "xn--", "javascript:", "{", "}", "|", "'", '"',
    ]
)  # fmt: skip
any_text = (
    st.text()
    | st.text(st.characters(exclude_categories=[]), max_size=40)
    | st.text(alphabet="htps:/.?#&=%@[]()x com0\u200b\n\t\\", max_size=60)
)
host_names = st.sampled_from(HOSTS).map(
    lambda host: re.sub(r"\{\w+:?\w*\}", "fr", host).replace("*", "a") if host != "*" else "a.test"
)
hosted = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://", "http://", "", "hxxps://", "https:\\\\"]),
    host_names,
    st.lists(PIECES | st.text(max_size=5), max_size=12).map(lambda pieces: "/" + "".join(pieces)),
)
altered = st.builds(
    lambda address, place, piece: (
        address[: place % (len(address) + 1)] + piece + address[place % (len(address) + 1) :]
    ),
    st.sampled_from(EXAMPLES),
    st.integers(0, 500),
    PIECES | st.text(max_size=3),
)
crossed = st.builds(
    lambda one, other, place: one[: place % len(one)] + other[place % len(other) :],
    st.sampled_from(EXAMPLES),
    st.sampled_from(EXAMPLES),
    st.integers(0, 500),
)
addresses = any_text | hosted | altered | crossed
many = settings(max_examples=EACH * 5, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=EACH, deadline=None, suppress_health_check=list(HealthCheck))


def named(address: str) -> Recognition | None:
    try:
        return recognise(address)
    except NotAnAddress:
        return None


@many
@given(addresses)
def test_any_text_is_named_or_refused_and_names_are_stable(text: str) -> None:
    found = named(text)

    if found is not None:
        again = recognise(found.canonical)
        assert (again.key, again.canonical) == (found.key, found.canonical)
        printed = recognise(found.printed)
        assert (printed.key, printed.printed) == (found.key, found.printed)
        assert recognise(defang(found.canonical)).key == found.key
        assert refang(defang(found.canonical)) == found.canonical


@pytest.mark.parametrize(
    "text",
    [
        "https://mstdn.example/@alice/11678",
        "https://a_b.bsky.social",
        "https%3A%2F%2Fyoutu.be%2FO%26amp%3BsZ-oZ6LvoQ",
        "https://www.linkedin.com/in/%C5%BC%C3%B3%C5%82w-123%C2%A0/",
        "https://www.linkedin.com/showcase/sample\u00a06/",
        "tp:////x.com/alice",
        "https://https:/hxxps[:]//x.com/alice",
        "tp//http:/x.com/alice\U0001f600",
    ],
)
def test_names_are_stable_where_they_once_were_not(text: str) -> None:
    found = recognise(text)

    assert recognise(found.canonical).key == found.key
    assert notation.tidy(notation.tidy(text)) == notation.tidy(text)
    assert refang(refang(text)) == refang(text)


@pytest.mark.parametrize(
    "text",
    [
        "fb://facewebmodal/f?href=https%3A%2F%2Fa%20b%2F",
        "linkedin://in/\ud800",
        "pinterest:@sample/116851956381620330",
        "https://x.com/\ud800",
    ],
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert (named(text), find(text)) == (None, [])


@some
@given(addresses)
def test_a_host_is_judged_without_an_error(text: str) -> None:
    assert lookalike(text) is None or isinstance(lookalike(text), str)


@many
@given(
    addresses
    | st.from_regex(
        r"https?://[a-z.-]{1,12}\.[a-z]{2,4}/[\w/.~@:!$&()*+,;=%-]{0,20}(\?.{0,9})?", fullmatch=True
    )
)
def test_what_spares_the_parser_reads_as_the_parser_does(text: str) -> None:
    clean = weburl.clean(text)

    assert clean is None or clean == weburl.parse(text)


@some
@given(addresses)
def test_tidying_and_refanging_settle(text: str) -> None:
    assert refang(refang(text)) == refang(text)
    assert notation.tidy(notation.tidy(text)) == notation.tidy(text)


@some
@given(
    st.from_regex(
        r"https?://[a-z]{1,9}(\.[a-z]{2,5}){1,3}(:[0-9]{2,4})?(/[a-zA-Z0-9_.-]{0,8}){0,4}(\?[a-z]=[0-9.]{1,4})?",
        fullmatch=True,
    )
)
def test_refang_undoes_defang(address: str) -> None:
    assert refang(defang(address)) == address


def encoded(address: str, place: int) -> str:
    """The address with one letter or digit of its path percent-encoded."""
    start = address.find("/", 8)
    end = min(
        (found for found in (address.find(mark, start) for mark in "?#") if found > 0), default=len(address)
    )
    places = [
        n for n in range(start + 1, end) if address[n].isalnum() and address[max(0, n - 3) : n].find("%") < 0
    ]
    if start < 0 or not places:
        return address
    at = places[place % len(places)]
    return f"{address[:at]}%{ord(address[at]):02X}{address[at + 1 :]}"


def shouted(address: str) -> str:
    start = address.find("/", address.find("//") + 2)
    return address[:start].upper() + address[start:] if start > 0 else address


SPELLINGS = (
    lambda address, n: f" {address}\n",
    lambda address, n: f"\u201c{address}\u201d,",
    lambda address, n: f"<{address}>.",
    lambda address, n: f"[here]({address})"[7:-1],
    lambda address, n: address.replace("&", "&amp;"),
    lambda address, n: re.sub("^https", "hxxps", address).replace(".", "[.]", 1),
    lambda address, n: address.replace(".", "(dot)", 1),
    lambda address, n: address.replace("://", "[:]//", 1),
    lambda address, n: address.removeprefix("https://"),
    lambda address, n: address.replace("https://", "//", 1),
    lambda address, n: address[: n % len(address)] + "\u200b" + address[n % len(address) :],
    lambda address, n: shouted(address),
    lambda address, n: encoded(address, n),
    lambda address, n: re.sub(r"^(https://[^/?#:]+)(?=[/?#])", r"\1:443", address),
    lambda address, n: re.sub(r"^(https://[^/?#:]+\w)(?=[/?#])", r"\1.", address),
)


@many
@given(
    st.sampled_from(PLAIN), st.lists(st.tuples(st.sampled_from(SPELLINGS), st.integers(0, 200)), max_size=2)
)
def test_another_spelling_is_the_same_item(address: str, spellings: list) -> None:
    written = address
    for spell, number in spellings:
        written = spell(written, number)

    assert recognise(written).key == recognise(address).key


FOREIGN = (
    lambda host, rest: f"https://{host}.evil.test{rest}",
    lambda host, rest: f"https://{host.replace('.', '-')}.test{rest}",
    lambda host, rest: f"https://{host}@evil.test{rest}",
    lambda host, rest: f"https://user:word@{host}{rest}",
    lambda host, rest: f"https://{host}:8443{rest}",
    lambda host, rest: f"https://evil.test/{host}{rest}",
    lambda host, rest: f"https://evil.test/?u=https://{host}{rest}",
    lambda host, rest: f"https://evil.test\\@{host}{rest}",
    lambda host, rest: f"https://{host.replace('o', chr(0x43E), 1).replace('e', chr(0x435), 1)}.test{rest}",
)
ANYWHERE = {
    "web",
    "mastodon",
    "google_ads",
    "onion",
}  # their rules hold on every host, or they are hosts only


@many
@given(st.sampled_from(PLAIN), st.sampled_from(FOREIGN))
def test_no_foreign_host_is_taken_for_a_platform(address: str, foreign: object) -> None:
    host, _, rest = address.removeprefix("https://").partition("/")
    platform = recognise(address).platform

    if platform not in ANYWHERE:
        assert recognise(foreign(host, f"/{rest}")).platform != platform


@some
@given(st.sampled_from(EXAMPLES), st.integers(1, 2))
def test_a_redirect_names_what_it_carries(address: str, depth: int) -> None:
    wrapped = address
    for _ in range(depth):
        wrapped = f"https://l.facebook.com/l.php?u={quote(wrapped, safe='')}&h=AT0"

    assert recognise(wrapped).key == recognise(address).key


texts = st.lists(
    addresses | st.sampled_from([" ", "\n", ", ", "(", ")", "「", "»", "\u202b"]), max_size=6
).map("".join)


@many
@given(texts)
def test_what_is_found_stands_where_it_says(text: str) -> None:
    found = find(text)
    places = [(it.start, it.end) for it in found]

    assert [it.address for it in found] == extract(text)
    assert [notation.tidy(text[it.start : it.end]) for it in found] == extract(text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(named(it.address) for it in found)


@some
@given(
    st.lists(st.sampled_from(PLAIN), max_size=6),
    st.sampled_from([" ", "\n", ", ", ".\n", " - ", "\t", "; ", " (and) ", " | ", "\r\n", "、", " и "]),
)
def test_a_list_of_addresses_comes_back_whole(wanted: list[str], between: str) -> None:
    assert extract(between.join(wanted)) == wanted


word = st.from_regex(r"[a-zäöüéа-яء-ي]{2,10}", fullmatch=True)  # noqa: RUF001
name = st.from_regex(r"[a-z][a-z0-9_-]{1,12}", fullmatch=True)
number = st.integers(0, 99999)
NOT_ADDRESSES = st.one_of(
    word,
    st.builds(
        "{}.{}".format,
        name,
        st.sampled_from(
            [
                "pdf",
                "docx",
                "xlsx",
                "jpg",
                "PNG",
                "mp4",
                "txt",
                "csv",
                "py",
                "md",
                "sh",
                "zip",
                "html",
                "tar.gz",
                "exe",
                "js",
            ]
        ),
    ),
    st.builds(
        "{}{}.{:02}".format, st.sampled_from(["€", "$", "£", "EUR ", "USD "]), number, st.integers(0, 99)
    ),
    st.builds("{}.{},{}".format, number, number, number),
    st.builds("{}{}.{}.{}".format, st.sampled_from(["v", "", "version ", "Python "]), number, number, number),
    st.builds("{}@{}.{}".format, name, name, st.sampled_from(["com", "org", "de", "co.uk", "me", "ru"])),
    st.builds("{}.{}@{}.com".format, name, name, name),
    st.builds("{}[@]{}[.]com".format, name, name),
    st.builds("{} (at) {} (dot) com".format, name, name),
    st.builds("mailto:{}@{}.com".format, name, name),
    st.builds("@{}".format, name),
    st.builds("#{}".format, word),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.builds("{}.{}.{}".format, st.integers(1, 31), st.integers(1, 12), st.integers(1990, 2030)),
    st.builds("+44 7700 900{:03}".format, st.integers(0, 999)),
    st.builds("C:\\{}\\{}.txt".format, name, name),
    st.builds("/{}/{}.conf".format, name, name),
)


@some
@given(st.lists(NOT_ADDRESSES, max_size=6), st.sampled_from([" ", "\n", ", ", "; ", "\t", " - "]))
def test_nothing_is_made_up(words: list[str], between: str) -> None:
    assert extract(between.join(words)) == []


REPEATED = [
    "a", "a.", ".", "/", "%", "a[.]", "[", "]", "(", ")", "()", "a(.)b", "https://", "hxxps[:]//", "https://a@", "@",
    "a@b.c ", "h", "h*", "[dot]", "\\.", "\\/", "&amp;", "\u200b", "中", "中.", "é", "é.", "0.", "1.2.3.4 ", "://", "tg://",
    "?", "#", "…", "”", "\uff09", "a.com ", "x.com/a,", "](", "a_b.", "{", "<", "a:b.c ", "\x00", "\ud800", "ab.co:",
    "u=https://l.facebook.com/l.php?u=", "[[.]]", "%2525", "word ", "a-", "++", "--", "a\u0301",
]  # fmt: skip


def spent(text: str, work: Callable[[str], object]) -> float:
    """Least processor time of three readings, in seconds; timeit keeps the garbage collector out."""

    def read() -> None:
        with contextlib.suppress(NotAnAddress):
            work(text)

    return min(repeat(read, timer=process_time, number=1, repeat=3))


@pytest.mark.parametrize("piece", REPEATED)
def test_no_address_takes_long(piece: str) -> None:
    for start, length in (
        ("", 15_000),
        ("https://", 15_000),
        ("https://a.com/", 15_000),
        ("x.com/?u=", LONG),
    ):
        text = start + piece * (length // len(piece)) + "!"

        assert spent(text, named) < 0.5
        assert spent(text, lookalike) < 0.1


@pytest.mark.parametrize("piece", REPEATED)
def test_reading_a_text_takes_time_in_proportion(piece: str) -> None:
    once, fourfold = (piece * (length // len(piece)) for length in (5_000, 20_000))

    assert spent(fourfold, find) < max(8 * spent(once, find), 0.2)
