"""Reading pages: what a visitor sees of them, and that no page takes long."""

from time import process_time

import pytest

from checker.page import LONGEST, fold, read


def test_a_page_is_read_as_a_visitor_without_scripts_sees_it() -> None:
    page = read(
        """<!DOCTYPE html><html><head><title>Hi &amp; ho</title><META Property="og:title" content="A > b">
        <meta name=description content='x'><link rel="alternate canonical" href="/a?b&amp;c">
        <meta property="og:title" content="second">
        <script type="application/ld+json">{"a": 1}</script><script>"<h1>hidden</h1>"</script><style>p{}</style></head>
        <body><nav>Home <b>now</b></nav><h1>This <i>post</i></h1><div hidden>no<div>no</div>no</div>Text\u2019s&nbsp;end
        <p style="display: none">no</p><template>no</template><noscript>no</noscript><!-- no -->
        <br><footer>Foot</footer>"""
    )

    assert (page.title, page.headings, page.canonical) == ("hi & ho", ["this post"], "/a?b&c")
    assert page.text == "home now this post text's end foot"
    assert page.main == "this post text's end"
    assert page.meta == {"og:title": "A > b", "description": "x"}
    assert (page.structured, page.asks_password, page.refresh) == (['{"a": 1}'], False, "")


@pytest.mark.parametrize(
    ("written", "refresh"),
    [
        ("0;url=/login", "/login"),
        ("0; URL='/login'", "/login"),
        ("3,/login", "/login"),
        ("0.5; url=/login", "/login"),
        ("600;url=/login", ""),
        ("600", ""),
        ("", ""),
    ],
)
def test_a_page_that_sends_its_visitor_on(written: str, refresh: str) -> None:
    assert read(f'<meta http-equiv="Refresh" content="{written}">').refresh == refresh


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", ""),
        ("no markup & none", "no markup & none"),
        ("a < b <3 c", "a < b <3 c"),
        ("<p>open", "open"),
        ("<p class=\"a\"\">odd</p>", "odd"),
        ("<p a='>'>quoted</p>", "quoted"),
        ("x<!-- open", "x"),
        ("x<script>open", "x"),
        ("x<p unclosed", "x"),
        ("</p>x</div>", "x"),
        ("<div hidden><p>no</div>x", "x"),
        ("<input type=password hidden>x", "x"),
        ("\x00\ufeff\u200bx", "\x00x"),
    ],
)  # fmt: skip
def test_anything_is_read_as_something(body: str, text: str) -> None:
    assert read(body).text == text


@pytest.mark.parametrize(
    "part",
    [
        "<a ",
        '<a ="',
        "<!--",
        "<",
        "<script>",
        "<a b='c=\"",
        "</script",
        "<p hidden>",
        "<title>",
        "<h1>x",
        "&",
        "<a = ",
        "&#x",
    ],
)
def test_no_page_takes_long(part: str) -> None:
    body = part * (300_000 // len(part))

    began = process_time()
    read(body)

    assert process_time() - began < 10


def test_of_a_page_without_end_the_beginning_is_read() -> None:
    assert len(read("x" * (LONGEST + 10)).text) == LONGEST


def test_folding_takes_away_what_nobody_sees() -> None:
    assert fold(" It\u2019s \u00a0 \uff27one\u200b\n") == "it's gone"
