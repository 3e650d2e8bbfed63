"""What recognition promises on any input, and what no rule file says: reading, plain sites, warnings."""

import re
from time import process_time
from timeit import repeat
from urllib.parse import quote

import pytest

from accounts.showing import defang
from platforms import notation, recognition, weburl
from platforms.recognition import NotAnAddress, Recognition, has_mixed_scripts, lookalike, recognise, refang

EXAMPLES = [
    address
    for platform in recognition.platforms()
    for group in platform.examples
    for kind, addresses in group.items()
    if kind not in {"namespace", "identifier", "owner"}
    for address in addresses
]


def named(address: str) -> Recognition | None:
    try:
        return recognise(address)
    except NotAnAddress:
        return None


@pytest.mark.parametrize("address", [address for address in EXAMPLES if "://" in address])
def test_an_identifier_changed_by_one_character_is_another_item(address: str) -> None:
    found = recognise(address)
    place = address.rfind((found.identifier or "").rpartition("/")[2])
    last = place + len((found.identifier or "").rpartition("/")[2]) - 1
    changed = address[:last] + ("7" if address[last] != "7" else "8") + address[last + 1 :]

    other = named(changed) if place >= 0 else None
    assert other is None or other.key != found.key


@pytest.mark.parametrize(
    "written",
    [
        "https://x.com/a",
        "http://www.example.com:8080/a.b?c=d.e",
        "tg://resolve?domain=sample",
        "x.com/a",
        "https://l.example/?u=https://b.example/c.d",
    ],
)
def test_what_a_page_shows_reads_back_as_it_was(written: str) -> None:
    assert refang(defang(written)) == written


@pytest.mark.parametrize(
    "written",
    [
        "hxxps://example[.]com/a",
        "hXXps://example.com/a",
        "https[:]//example[.]com/a",
        "hxxps[://]example[.]com/a",
        "https://example(.)com/a",
        "https://example{.}com/a",
        "https://example[dot]com/a",
        "https://example(dot)com/a",
        "https://example [.] com/a",
        "https://example[.com/a",
        "https://example.]com/a",
        "https://example\\.com/a",
        "https://example[.]com[/]a",
        "h**ps://example.com/a",
        "ttps://example.com/a",
        "https//example.com/a",
        "https:\\\\example.com\\a",
        "https:\\/\\/example.com\\/a",
        "[https://example.com/a]",
        "<https://example.com/a>",
        "\u201chttps://example.com/a\u201d,",
        "(https://example.com/a).",
        "https://exa\u200bmple.com/a",
        "\u202ehttps://example.com/a\u202c",
        "  https://example.com/a\n",
        "HTTPS://EXAMPLE.COM/a",
        "example.com/a",
        "//example.com/a",
        "https://example.com/a?utm_source=x&fbclid=y",
        "https://example.com:443/a#part",
        "`https://example.com/a`",
        "https:example.com/a",
        "https://example.com/b/../a",
        "example[.]com/a",
        "**https://example.com/a**",
    ],
)
def test_ways_of_writing_an_address_are_read_alike(written: str) -> None:
    assert recognise(written).canonical == "https://example.com/a"


@pytest.mark.parametrize(
    ("address", "kind", "canonical"),
    [
        ("https://example.com", "web_site", "https://example.com/"),
        ("https://example.com/?utm_source=x", "web_site", "https://example.com/"),
        ("https://example.com/?b=2&a=1&gclid=x&b=3", "web_page", "https://example.com/?b=2&a=1&b=3"),
        ("http://example.com/a/", "web_page", "http://example.com/a/"),
        ("https://www.example.com/index.html", "web_page", "https://www.example.com/index.html"),
        ("https://example.com/#!/a", "web_page", "https://example.com/#!/a"),
        ("https://example.com/#/a", "web_page", "https://example.com/#/a"),
        ("https://example.com/a%2Fb", "web_page", "https://example.com/a%2Fb"),
        ("https://bücher.example/ü", "web_page", "https://xn--bcher-kva.example/%C3%BC"),
        ("http://0x7f.1/", "web_site", "http://127.0.0.1/"),
        ("http://[::1]:8080/a", "web_page", "http://[::1]:8080/a"),
        ("https://user@example.com/", "web_site", "https://user@example.com/"),
        ("192.0.2.1/a", "web_page", "https://192.0.2.1/a"),
        ("https://example.com/wiki/A_(b)", "web_page", "https://example.com/wiki/A_(b)"),
        (
            "https://example.com/wiki/A_(at)_[dot]",
            "web_page",
            "https://example.com/wiki/A_%28at%29_%5Bdot%5D",
        ),
        ("https://example.com/a;#b", "web_page", "https://example.com/a%3B"),
        ("https://example.com/a\u200cb", "web_page", "https://example.com/ab"),
    ],
)
def test_plain_sites_are_named_by_their_address(address: str, kind: str, canonical: str) -> None:
    found = recognise(address)

    assert (found.platform, found.kind, found.canonical, found.identifier) == ("web", kind, canonical, None)
    assert found.key == ("web", "web", canonical)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.com/a/"),
        ("https://example.com/a", "http://example.com/a"),
        ("https://example.com/a", "https://www.example.com/a"),
        ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
        ("https://example.com/?ref=1", "https://example.com/?ref=2"),
        ("https://x.com/12345", "https://x.com/i/user/12345"),
        ("https://www.youtube.com/@sample", "https://www.youtube.com/c/sample"),
        ("https://www.youtube.com/c/sample", "https://www.youtube.com/user/sample"),
        ("https://t.me/one/5", "https://t.me/two/5"),
        ("https://youtu.be/a1B2c3D4e5_", "https://youtu.be/A1B2c3D4e5_"),
        (
            "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
            "https://chat.whatsapp.com/abCdEfGhIjKlMnOpQrStUv",
        ),
        ("https://x.com/sample/status/1", "https://x.com/sample/status/10"),
        ("https://www.facebook.com/sample/posts/1", "https://www.facebook.com/photo.php?fbid=1"),
        ("https://www.reddit.com/r/a/comments/1abc/x/def", "https://www.reddit.com/r/a/comments/1abc/x/deg"),
        (
            "https://www.linkedin.com/feed/update/urn:li:share:1",
            "https://www.linkedin.com/feed/update/urn:li:activity:1",
        ),
        (
            "https://l.facebook.com/l.php?u=https://a.test/1",
            "https://l.facebook.com/l.php?u=https://a.test/2",
        ),
        ("https://vm.tiktok.com/ZMabCDEfg", "https://vt.tiktok.com/ZMabCDEfg"),
        ("https://x.com@evil.test/a", "https://x.com/a"),
    ],
)
def test_different_items_never_meet(one: str, other: str) -> None:
    assert recognise(one).key != recognise(other).key


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("javascript:alert(1)", "javascript: address is not on the web"),
        ("mailto:desk@example.com", "mailto: address is not on the web"),
        ("data:text/html,x", "data: address is not on the web"),
        ("file:///etc/passwd", "file: address is not on the web"),
        ("tg://settings", "names no post or account that we know"),
        ("word", "Paste it whole, beginning with https://"),
        ("", "Paste it whole, beginning with https://"),
        ("two words", "Paste it whole, beginning with https://"),
        ("report.pdf", "Paste it whole, beginning with https://"),
        ("3.14", "Paste it whole, beginning with https://"),
        ("example.com is bad", "Paste it whole, beginning with https://"),
        ("desk@example.com", "handle or an e-mail address"),
        ("@sample", "handle or an e-mail address"),
        ("https://", "No browser could open"),
        ("https://exa mple.com/", "No browser could open"),
        ("https://example.com:99999/", "No browser could open"),
        ("https://x.com/a\nhttps://x.com/b", "one address at a time"),
        ("https://x.com/a\x00", "one address at a time"),
        ("https://x.com/a\tb", "one address at a time"),
        ("https://x.com/a https://x.com/b", "several addresses"),
        ("https://example.com/" + "a" * 20_000, "longer than 16,000 characters"),
        ("\ud800", "Paste it whole"),
    ],
)
def test_what_is_no_address_is_refused_with_advice(text: str, says: str) -> None:
    with pytest.raises(NotAnAddress, match=re.escape(says)):
        recognise(text)


def test_a_wrapper_in_a_wrapper_is_followed_three_deep_and_no_deeper() -> None:
    address = "https://x.com/sample/status/1"
    layers = [address]
    for _ in range(4):
        layers.append(f"https://l.facebook.com/l.php?u={quote(layers[-1], safe='')}")

    assert [recognise(layer).platform for layer in layers] == ["x", "x", "x", "x", "facebook"]


@pytest.mark.parametrize(
    "address",
    [
        "instagram://tag?name=samp\ufffdle",
        "https://www.instagram.com/explore/tags/samp%EF%BF%BDle/",
        "https://www.instagram.com/explore/tags/samp%FFle/",
        "0\r.\r.",
        "TP:/ /",
        "HTTP:A/HTTP://",
        "https://l.facebook.com/l.php?u=hxxp://example.org/HXXP://a.b",
        "intent:intent:intent://#Intent;scheme=intent;end",
        "https://https://https://x.com/sample",
    ],
)
def test_what_made_up_addresses_once_broke_holds(address: str) -> None:
    assert notation.tidy(notation.tidy(address)) == notation.tidy(address)
    found = named(address)
    if found is not None:
        again = recognise(found.canonical)
        assert (again.key, again.canonical) == (found.key, found.canonical)
        assert refang(defang(found.canonical)) == found.canonical


def test_short_links_need_the_network_and_are_items_of_their_own() -> None:
    found = recognise("https://www.facebook.com/share/p/1AbCdEfGh/?mibextid=x")

    assert found.key == ("facebook", "share/p", "1AbCdEfGh")
    assert found.needs_network
    assert not recognise("https://youtu.be/a1B2c3D4e5_").needs_network


def test_the_rule_and_the_version_are_told() -> None:
    found = recognise("https://x.com/sample/status/1")

    assert (found.rule, found.rules_version, found.owner) == ("x.post", recognition.RULES_VERSION, "sample")


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("f\u0430cebook.com", "facebook"),  # the second letter is Cyrillic
        ("xn--fcebook-2fg.com", "facebook"),
        ("faceb00k.com", "facebook"),
        ("facebok.com", "facebook"),
        ("facebook-login.com", "facebook"),
        ("facebook.com.evil.test", "facebook"),
        ("lnstagram.com", "instagram"),
        ("twiitter.com", "twitter"),
        ("vvhatsapp.com", "whatsapp"),
        ("teIegram.org", "telegram"),
        ("y\u03bfutube.com", "youtube"),
        ("face-book.com", "facebook"),
        ("mytwitter.net", "twitter"),
        ("vk-com.ru", "vk"),
        ("wa.me.example", "whatsapp"),
        ("tikt\u0585k.com", "tiktok"),  # the fifth letter is Armenian
        ("facebook.com", None),
        ("m.facebook.com", None),
        ("example.com", None),
        ("news.example.co.uk", None),
        ("ok.com", None),
    ],
)
def test_lookalike_hosts_are_warned_of(host: str, slug: str | None) -> None:
    assert lookalike(host) == ("x" if slug == "twitter" else slug)


@pytest.mark.parametrize(
    ("host", "is_mixed"),
    [
        ("p\u0430ypal.com", True),  # the second letter is Cyrillic
        ("xn--exmple-4nf.com", True),
        ("\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", False),
        ("b\u00fccher.de", False),
        ("example.\u0440\u0444", False),
        ("xn--a.com", False),
    ],
)
def test_hosts_of_mixed_scripts_are_told(host: str, is_mixed: bool) -> None:
    assert has_mixed_scripts(host) == is_mixed


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://user@x.com/sample", "x.com"),
        ("https://x.com:8080/sample", "x.com"),
        ("http://x.com:443/sample", "x.com"),
        ("https://x.com:80/sample", "x.com"),
        ("https://:word@t.me/sample", "t.me"),
        ("https://www.facebook.com@evil.test/", "evil.test"),
        ("https://www.facebook.com%40evil.test/", None),
    ],
)
def test_userinfo_and_odd_ports_are_no_platforms(address: str, host: str | None) -> None:
    try:
        found = recognise(address)
    except NotAnAddress:
        assert host is None
        return

    assert found.platform == "web" if host else found.identifier is None


# Facts of the URL Standard; its own test data (web-platform-tests, url/resources/urltestdata.json) has these and more.
@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("http://example\t.\norg", "http://example.org/"),
        ("https://:@test", "https://test/"),
        ("http://f:/c", "http://f/c"),
        ("http://f:00000000000000000000080/c", "http://f/c"),
        ("http://f:0/c", "http://f:0/c"),
        ("http://f:b/c", None),
        ("http://f:999999/c", None),
        ("http://foo.com/\\@", "http://foo.com//@"),
        ("http:\\\\foo.com\\a", "http://foo.com/a"),
        ("http:foo.com", "http://foo.com/"),
        ("http:/foo.com/a", "http://foo.com/a"),
        ("http:///foo.com/a", "http://foo.com/a"),
        ("http://foo.com/a/./b/../c", "http://foo.com/a/c"),
        ("http://foo.com/a/%2e%2e/b", "http://foo.com/b"),
        ("http://foo.com/..", "http://foo.com/"),
        ("HTTP://FOO.COM/A", "http://foo.com/A"),
        ("http://foo.com/a b?c d#e f", "http://foo.com/a%20b?c%20d#e%20f"),
        ("http://foo.com/\u00e4", "http://foo.com/%C3%A4"),
        ("http://\uff27\uff4f.com", "http://go.com/"),
        ("http://fa\u00df.example/", "http://xn--fa-hia.example/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://192.168.257/", "http://192.168.1.1/"),
        ("http://256.256.256.256/", None),
        ("http://[::1]/", "http://[::1]/"),
        ("http://[1::2]:3:4/", None),
        ("http://foo bar.com/", None),
        ("http://a<b/", None),
        ("http://%41.com/", "http://a.com/"),
        ("http://foo.com%00/", None),
    ],
)
def test_addresses_are_parsed_as_browsers_do(address: str, read: str | None) -> None:
    url = weburl.parse(address)

    assert (url and url.href) == read


def test_a_lookalike_is_never_merged() -> None:
    assert recognise("https://f\u0430cebook.com/sample.page").platform == "web"


def test_no_address_makes_recognition_slow() -> None:
    slow = [
        f"https://www.facebook.com/{'a-' * 4000}",
        "https://x.com/" + "%2" * 7000,
        "https://t.me/" + "[.]" * 5000,
    ]

    assert (
        min(repeat(lambda: [named(address) for address in slow], timer=process_time, number=1, repeat=3)) < 1
    )


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        (
            "https://m.facebook.com/groups/1111/permalink/222222/?mibextid=x&rdid=y",
            "https://www.facebook.com/groups/1111/posts/222222",
        ),
        (
            "https://m.facebook.com/story.php?story_fbid=222222&id=42&sfnsn=mo",
            "https://www.facebook.com/permalink.php?story_fbid=222222&id=42",
        ),
        (
            "https://www.facebook.com/Sample.Page/posts/222222?__tn__=x",
            "https://www.facebook.com/sample.page/posts/222222",
        ),
        (
            "https://www.facebook.com/login?story_fbid=222222",
            "https://www.facebook.com/login?story_fbid=222222",
        ),
        ("https://mobile.twitter.com/Name/status/123456?s=20", "https://x.com/name/status/123456"),
        ("https://x.com/i/status/123456", "https://x.com/i/status/123456"),
        ("https://ok.ru/samplegroup/topic/1234567890", "https://ok.ru/samplegroup/topic/1234567890"),
        ("https://sample.test/a?utm_source=x", "https://sample.test/a"),
    ],
)
def test_a_letter_prints_an_address_with_its_context(address: str, printed: str) -> None:
    assert recognise(address).printed == printed


def test_unknown_pages_of_a_platform_that_names_by_fragment_stay_apart() -> None:
    assert recognise("https://signal.me/#zz/AbCd").key != recognise("https://signal.me/#zz/AbCe").key
    assert recognise("https://signal.me/#zz/AbCd").canonical == "https://signal.me/#zz/AbCd"
