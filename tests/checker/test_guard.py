"""What the checker may connect to: attacks that must be refused, beside controls that must pass."""

import ipaddress
import socket
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.fetch import Refused, Target, Unresolved, guard

PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:2800:220:1:248:1893:25c8:1946"
HOSTS = tomllib.loads((Path(__file__).parent / "not_public.toml").read_text(encoding="utf-8"))
TOO_LONG = ["http://" + "a" * 9000 + ".com/", "http://" + "a" * 64 + ".com/", "http://" + "a." * 127 + "com/"]


def to_public(host: str) -> list[str]:
    return [PUBLIC]


def refuses(url: str, resolve: Callable[[str], list[object]] = to_public) -> None:
    with pytest.raises(Refused) as refused:
        guard(url, resolve)
    assert refused.value.reason


@pytest.mark.parametrize("address", HOSTS["v4"] + HOSTS["v6"])
def test_an_address_that_is_not_public_is_refused_literally_and_as_an_answer(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address

    refuses(f"http://{literal}/")
    refuses(f"https://{literal}:8443/a?b#c")
    refuses("https://example.com/", lambda host: [address])
    refuses("https://example.com/", lambda host: [PUBLIC, address])
    refuses("https://example.com/", lambda host: [address, PUBLIC])
    refuses("https://example.com/", lambda host: [ipaddress.ip_address(address)])


@pytest.mark.parametrize("host", HOSTS["disguised"])
def test_a_disguised_address_is_read_as_a_browser_reads_it(host: str) -> None:
    refuses(f"http://{host}/")
    refuses(f"https://{host}:8443")


@pytest.mark.parametrize("host", HOSTS["unreadable"] + HOSTS["local_names"])
def test_a_host_that_is_no_public_name_is_refused_without_asking(host: str) -> None:
    asked: list[str] = []

    refuses(f"http://{host}/", lambda name: asked.append(name) or [PUBLIC])

    assert asked == []


@pytest.mark.parametrize("url", HOSTS["whole"] + TOO_LONG)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    refuses(url)


@pytest.mark.parametrize("value", [None, 7, b"http://example.com/"])
def test_what_is_no_text_is_refused(value: object) -> None:
    refuses(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    ["", "localhost", "127.1", "0177.0.0.1", "fe80::1%eth0", f"{PUBLIC} ", f"{PUBLIC_6}%1", b"]\xb8\xd8\"", 2130706433,
     (PUBLIC, 80), None],
)  # fmt: skip
def test_an_answer_that_is_no_public_address_is_refused(answer: object) -> None:
    refuses("http://example.com/", lambda host: [answer])
    refuses("http://example.com/", lambda host: [PUBLIC, answer])


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("example.com", 80, [PUBLIC])),
        ("https://example.com/", Target("example.com", 443, [PUBLIC])),
        ("HTTPS://EXAMPLE.COM:8443/A B?c=d@e#f@g", Target("example.com", 8443, [PUBLIC])),
        ("http://example.com:8080?x=@127.0.0.1", Target("example.com", 8080, [PUBLIC])),
        ("http://example.com#@127.0.0.1/", Target("example.com", 80, [PUBLIC])),
        ("http://example.com./", Target("example.com", 80, [PUBLIC])),
        ("http://example.com:/", Target("example.com", 80, [PUBLIC])),
        ("http://example.com:0080/", Target("example.com", 80, [PUBLIC])),
        ("https://bücher.example/", Target("xn--bcher-kva.example", 443, [PUBLIC])),
        ("https://xn--bcher-kva.example/", Target("xn--bcher-kva.example", 443, [PUBLIC])),
        ("https://пример.рф/", Target("xn--e1afmkfd.xn--p1ai", 443, [PUBLIC])),
        ("https://\uff45xample。com/", Target("example.com", 443, [PUBLIC])),
        ("https://my_site.example/", Target("my_site.example", 443, [PUBLIC])),
        ("https://127.0.0.1.example/", Target("127.0.0.1.example", 443, [PUBLIC])),
        ("https://localhost.example/", Target("localhost.example", 443, [PUBLIC])),
        (f"http://{PUBLIC}/", Target(PUBLIC, 80, [PUBLIC])),
        ("http://0x5db8d822/", Target(PUBLIC, 80, [PUBLIC])),
        ("http://1572395042/", Target(PUBLIC, 80, [PUBLIC])),
        ("http://135.0.0x1/", Target("135.0.0.1", 80, ["135.0.0.1"])),
        (f"http://[{PUBLIC_6}]:8080/", Target(PUBLIC_6, 8080, [PUBLIC_6])),
    ],
)
def test_a_public_address_is_let_through(url: str, target: Target) -> None:
    assert guard(url, to_public) == target


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
     "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
     "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888",
     "2003::1", "2620:4f:8001::1", "2a00:1450:4009::200e", "3ffd::1"],
)  # fmt: skip
def test_the_neighbours_of_denied_ranges_are_let_through(address: str) -> None:
    assert guard("https://example.com/", lambda host: [address]) == Target("example.com", 443, [address])


def test_the_name_is_resolved_once_and_all_its_addresses_are_kept_once_in_order() -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC_6, PUBLIC, PUBLIC_6]

    assert guard("https://EXAMPLE.com./", resolve).addresses == [PUBLIC_6, PUBLIC]
    assert asked == ["example.com"]


def test_a_number_is_not_looked_up() -> None:
    asked: list[str] = []

    guard(f"http://{PUBLIC}/", lambda host: asked.append(host) or ["127.0.0.1"])

    assert asked == []


def test_an_answer_is_kept_in_its_usual_form() -> None:
    long = str(ipaddress.IPv6Address(PUBLIC_6).exploded).upper()

    assert guard("http://example.com/", lambda host: [long]).addresses == [PUBLIC_6]


@pytest.mark.parametrize(
    "problem", [socket.gaierror(-2, "not known"), TimeoutError(), KeyError("x"), UnicodeError()]
)
def test_a_name_that_nobody_can_resolve_is_told_apart(problem: Exception) -> None:
    def resolve(host: str) -> list[str]:
        raise problem

    with pytest.raises(Unresolved):
        guard("http://example.com/", resolve)


def test_a_name_without_addresses_is_told_apart() -> None:
    with pytest.raises(Unresolved):
        guard("http://example.com/", lambda host: [])
