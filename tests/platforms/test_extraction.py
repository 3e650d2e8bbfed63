"""Addresses in pasted text: found, read, placed; nothing made up where there is none."""

import pytest

from platforms.extraction import Found, extract, find
from platforms.recognition import recognise


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        # plain
        ("see https://x.com/a/status/1, and more", ["https://x.com/a/status/1"]),
        ("(https://en.wikipedia.org/wiki/Foo_(bar)).", ["https://en.wikipedia.org/wiki/Foo_(bar)"]),
        ("https://x.com/a\nhttps://x.com/b\r\n", ["https://x.com/a", "https://x.com/b"]),
        (
            "https://a.test/1,https://b.test/2;https://c.test",
            ["https://a.test/1", "https://b.test/2", "https://c.test"],
        ),
        ("https://a.test/xhttps://b.test/y", ["https://a.test/x", "https://b.test/y"]),
        ("https://a.test/web/2020/https://b.test/x", ["https://a.test/web/2020/https://b.test/x"]),
        ("[words](https://x.com/a) <https://x.com/b>", ["https://x.com/a", "https://x.com/b"]),
        ("**https://x.com/c** `https://x.com/d`", ["https://x.com/c", "https://x.com/d"]),
        ('<a href="https://x.com/a">here</a>', ["https://x.com/a"]),
        ('{"url":"https:\\/\\/x.com\\/a","n":1}', ["https://x.com/a"]),
        (
            "\u201chttps://x.com/a\u201d \u2018https://x.com/b\u2019\u2026",
            ["https://x.com/a", "https://x.com/b"],
        ),
        ("https://x.com/a?b=[1,2]&amp;c=3", ["https://x.com/a?b=[1,2]&c=3"]),
        (
            "http://192.0.2.1:8080/x http://[2001:db8::1]/y",
            ["http://192.0.2.1:8080/x", "http://[2001:db8::1]/y"],
        ),
        ("http://user:word@host.test/a", ["http://user:word@host.test/a"]),
        ("请访问https://x.com/a/status/123查看", ["https://x.com/a/status/123"]),
        ("https://x.com/hashtag/زورق و", ["https://x.com/hashtag/زورق"]),
        ("https://t.me/+AbCdEfGhI", ["https://t.me/+AbCdEfGhI"]),
        ("in tg://resolve?domain=sample_chat,", ["tg://resolve?domain=sample_chat"]),
        ("end.https://x.com/a", ["https://x.com/a"]),
        ("HTTPS://X.COM/A", ["https://X.COM/A"]),
        ("https://x.com/a https://x.com/a", ["https://x.com/a", "https://x.com/a"]),
        (
            "https://a.ex\u200bample.com/b a\u200bhttps://x.com/a",
            ["https://a.example.com/b", "https://x.com/a"],
        ),
        (
            "[url=https://a.test/x]the words[/url] [url]https://a.test/y[/url] [b]https://a.test/z[/b]",
            ["https://a.test/x", "https://a.test/y", "https://a.test/z"],
        ),
        # bare
        (
            "x.com/a and t.me/sample_chat, wa.me/447700900123.",
            ["x.com/a", "t.me/sample_chat", "wa.me/447700900123"],
        ),
        ("Visit example.com. Then www.example.org!", ["example.com", "www.example.org"]),
        ("Visit example.com.Then", ["example.com"]),
        ("example.com:8080/a?b#c", ["example.com:8080/a?b#c"]),
        ("请访问example.com查看 сайт.рф/путь bücher.de", ["example.com", "сайт.рф/путь", "bücher.de"]),
        ("report.zip/x is in example.co.uk", ["report.zip/x", "example.co.uk"]),
        # defanged
        (
            "hxxps://x[.]com/a hXXp[:]//evil[.]example[.]com/p?q=1",
            ["https://x.com/a", "http://evil.example.com/p?q=1"],
        ),
        ("x [.] com/abc, foo(dot)com/x {x{.}com/y}", ["x.com/abc", "foo.com/x", "x.com/y"]),
        ("x[.com/abc x.]com/abc x\\.com/abc", ["x.com/abc", "x.com/abc", "x.com/abc"]),
        (r"see hxxps:\\evil[.]com\path\x and", [r"https://evil.com\path\x"]),
        ("hxxps[://]x[.]com[/]a h**ps://x.com/b", ["https://x.com/a", "https://x.com/b"]),
        ("192[.]0[.]2[.]1 and example[.]com", ["192.0.2.1", "example.com"]),
    ],
)
def test_addresses_are_found_and_read(text: str, addresses: list[str]) -> None:
    assert extract(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No address here.",
        "desk@example.com",
        "first.last@example.co.uk",
        "mailto:desk@example.com",
        "john.me@example.com",
        "desk[@]example[.]com",
        "desk (at) example (dot) com",
        "report.pdf, main.py and README.md",
        "i.e. this, e.g. that, U.K., p.m.",
        "The end.So it goes. Done.In time.",
        "pi is 3.14 and v1.2.3 of 192.0.2.1",
        "at 10.am or 5.pm",
        "com.example.app",
        "self.name and os.name()",
        "https:// or http://",
        "javascript:alert(1)",
        "#hashtag @handle",
        "C:\\folder\\file.txt and /etc/hosts.conf",
        "12.50 EUR, 1.000.000",
        "a...b..c",
        "Sehr geehrte Damen und Herren, z.B. heute.",
        "yes/no, and/or, 24/7, km/h",
        "Dr.Who and St.John",
        "x:y, tg:name, line:1",
    ],
)
def test_nothing_is_made_up(text: str) -> None:
    assert extract(text) == []


def test_places_are_those_in_the_text() -> None:
    text = "1) hxxps://x[.]com/a, 2) (t.me/sample_chat)"

    assert find(text) == [
        Found("https://x.com/a", 3, 20, recognise("https://x.com/a")),
        Found("t.me/sample_chat", 26, 42, recognise("t.me/sample_chat")),
    ]
    assert [text[found.start : found.end] for found in find(text)] == [
        "hxxps://x[.]com/a",
        "t.me/sample_chat",
    ]
