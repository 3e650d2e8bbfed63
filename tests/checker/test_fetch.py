"""Visits to pretend platforms over real sockets, and what no visit may do."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.connection import GuardedBackend
from checker.courtesy import Breaker, Courtesy
from checker.fetch import Fetcher, Limits, Refused, Target, absolute, system_resolve
from checker.observed import Response
from checker.pretend.world import World
from checker.verdict import fingerprint, judge, settle
from tests.checker.conftest import Attempts

HOSTS = tomllib.loads((Path(__file__).parent / "not_public.toml").read_text(encoding="utf-8"))
BASE = "https://chirp.example/item/"
SMALL = Limits(body=2_000_000, deadline=2.0, connect=1.0, hops=4, patience=0.5)


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


@asynccontextmanager
async def standing(behaviours: dict[str, str], **wishes: Any) -> AsyncIterator[tuple[World, Fetcher]]:
    """A world of these behaviours, and somebody who visits it."""
    async with World(behaviours) as world:
        given = {"pretence": world.pretence, "courtesy": Courtesy(interval=0), "limits": SMALL, **wishes}
        async with Fetcher(**given) as fetcher:
            yield world, fetcher


async def visited(behaviours: dict[str, str], *addresses: str) -> list[Response]:
    """The responses at addresses, one after the other, in a world of these behaviours."""
    async with standing(behaviours) as (_, fetcher):
        return [await fetcher.fetch(address) for address in addresses or behaviours]


def expected(address: str, kind: str = "post") -> dict[str, Any]:
    return {"platform": "chirp", "kind": kind, "identifier": address.rpartition("/")[2], "canonical": address}


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        ("live", ("live", None)),
        ("missing", ("gone", "unknown")),
        ("gone", ("gone", "unknown")),
        ("removed", ("gone", "platform_policy")),
        ("deleted", ("gone", "author")),
        ("suspended", ("account_gone", "account_suspended")),
        ("court", ("gone", "legal")),
        ("login", ("login_required", None)),
        ("soft", ("inconclusive", None)),
        ("consent", ("inconclusive", None)),
        ("captcha", ("inconclusive", None)),
        ("private", ("private", None)),
        ("adults", ("restricted", None)),
        ("limited", ("inconclusive", None)),
        ("home", ("redirected", None)),
        ("shell", ("inconclusive", None)),
        ("withheld", ("geo_blocked", None)),
        ("geo", ("geo_blocked", None)),
        ("down", ("inconclusive", None)),
        ("circle", ("inconclusive", None)),
        ("slow", ("inconclusive", None)),
        ("huge", ("inconclusive", None)),
        ("bomb", ("inconclusive", None)),
        ("broken", ("inconclusive", None)),
        ("closed", ("inconclusive", None)),
    ],
)
def test_pretend_platform(behaviour: str, found: tuple[str, str | None]) -> None:
    address = f"{BASE}4711000111"

    [response] = run(visited({address: behaviour}))
    finding = judge(response, expected=expected(address))

    assert (finding.verdict, finding.cause) == found, (finding, response)


@pytest.mark.parametrize(
    ("address", "behaviour", "error"),
    [
        (f"{BASE}1", "slow", "timeout"),
        (f"{BASE}1", "huge", "too_large"),
        (f"{BASE}1", "bomb", "too_large"),
        (f"{BASE}1", "circle", "too_many_redirects"),
        (f"{BASE}1", "broken", "protocol"),
        (f"{BASE}1", "closed", "protocol"),
        (f"{BASE}1", "to https://elsewhere.example/", "dns"),
        (f"{BASE}1", "to ftp://chirp.example/", "refused_address"),
        ("https://expired.chirp.example/1", "live", "tls"),
        ("https://stranger.chirp.example/1", "live", "tls"),
        ("https://misnamed.chirp.example/1", "live", "tls"),
        ("http://chirp.example/1", "live", None),
    ],
)
def test_what_goes_wrong_has_a_word(address: str, behaviour: str, error: str | None) -> None:
    [response] = run(visited({address: behaviour}))

    assert response.error == error


def test_a_chain_of_redirects_is_told_hop_by_hop() -> None:
    first, second, last = "http://chirp.example/a", "https://chirp.example/b?c=d", f"{BASE}4711"

    [response] = run(
        visited(
            {first: "to /b", second: f"to {last}", last: "live", "http://chirp.example/b": f"to {second}"},
            first,
        )
    )

    assert (response.status, response.final_url, response.error) == (200, last, None)
    assert response.redirects == [first, "http://chirp.example/b", second]


ATTACKS = [
    *(f"http://{f'[{host}]' if ':' in host else host}/" for host in HOSTS["v4"] + HOSTS["v6"]),
    *(f"http://{host}/" for host in HOSTS["disguised"] + HOSTS["local_names"]),
    *(url for url in HOSTS["whole"] if "://" in url and url.isprintable() and " " not in url),
]


def test_no_redirect_leads_where_a_visit_may_not_go(attempts: Attempts) -> None:
    """Each attack stands at the end of a redirect; the pretend platform itself is visited, as the control."""
    behaviours = {
        f"{BASE}{number}": f"to {attack}" for number, attack in enumerate(ATTACKS) if attack.isascii()
    }
    before = len(attempts)

    async def attacked() -> tuple[list[Response], set[int]]:
        async with standing({**behaviours, f"{BASE}control": "live"}) as (world, fetcher):
            responses = [await fetcher.fetch(address) for address in behaviours]
            control = await fetcher.fetch(f"{BASE}control")
            return [*responses, control], set(world.pretence.ports.values())

    *responses, control = (result := run(attacked()))[0]
    connects = {
        address[1] for what, address in attempts[before:] if what == "connect" and isinstance(address, tuple)
    }

    assert len(responses) >= 200
    assert {response.error for response in responses} <= {"refused_address", "protocol"}
    assert (control.status, control.error) == (200, None)
    assert connects <= result[1]


def test_no_visit_begins_where_it_may_not_go(attempts: Attempts) -> None:
    before = len(attempts)

    async def attacked() -> set[str | None]:
        async with Fetcher(
            resolve=lambda host: ["10.0.0.1"], courtesy=Courtesy(interval=0), limits=SMALL
        ) as fetcher:
            return {(await fetcher.fetch(address)).error for address in [*ATTACKS, "https://example.com/"]}

    assert run(attacked()) == {"refused_address"}
    assert [attempt for attempt in attempts[before:] if attempt[0] == "ask"] == []
    assert [to for what, to in attempts[before:] if what == "connect" and isinstance(to, tuple)] == []


def test_loopback_is_out_of_reach_without_a_pretence(attempts: Attempts) -> None:
    async def asked() -> Response:
        async with World({f"{BASE}1": "live"}) as world:
            port = world.pretence.ports[443]
            async with Fetcher(resolve=lambda host: ["127.0.0.1"], courtesy=Courtesy(interval=0)) as fetcher:
                first = await fetcher.fetch(f"{BASE}1")
                second = await fetcher.fetch(f"https://127.0.0.1:{port}/")
                assert (first.error, second.error, world.visits.total()) == (
                    "refused_address",
                    "refused_address",
                    0,
                )
                return first

    run(asked())


def test_a_pretence_keeps_the_real_world_out_of_reach(attempts: Attempts) -> None:
    before = len(attempts)

    responses = run(
        visited(
            {f"{BASE}1": "live"},
            "https://example.com/",
            "https://93.184.216.34/",
            "https://chirp.example:8443/",
        )
    )

    assert [response.error for response in responses] == ["dns", "dns", "dns"]
    assert [attempt for attempt in attempts[before:] if attempt[0] == "ask"] == []


def test_a_connection_to_another_peer_than_the_vetted_one_is_refused() -> None:
    class Elsewhere:
        async def connect_tcp(self, *args: object) -> "Elsewhere":
            return self

        def get_extra_info(self, name: str) -> tuple[str, int]:
            return ("10.0.0.1", 443)

        async def aclose(self) -> None: ...

    backend = GuardedBackend(Target("example.com", 443, ["93.184.216.34"]))
    backend._network = Elsewhere()  # type: ignore[assignment]

    with pytest.raises(Refused):
        run(backend.connect_tcp("example.com", 443))
    with pytest.raises(Refused):
        run(backend.connect_unix_socket("/run/x"))


def test_an_outage_of_names_for_ten_minutes_makes_nothing_gone() -> None:
    """Twenty items looked at each half minute, on a clock of our own; the world is there before and after."""
    now = [0.0]
    addresses = [f"https://host{number}.example/item/{4711000 + number}" for number in range(20)]

    def nobody(host: str) -> list[str]:
        raise OSError("temporary failure in name resolution")

    async def outage() -> list[list[Any]]:
        looks: list[list[Any]] = [[] for _ in addresses]
        breaker = Breaker(clock=lambda: now[0])
        async with Fetcher(
            resolve=nobody, courtesy=Courtesy(interval=0), breaker=breaker, limits=SMALL
        ) as fetcher:
            for _ in range(20):
                now[0] += 30
                for look, address in zip(looks, addresses, strict=True):
                    look.append(judge(await fetcher.fetch(address), expected=expected(address)))
        return looks

    looks = run(outage())

    assert {finding.verdict for look in looks for finding in look} == {"inconclusive"}
    assert {settle(look).verdict for look in looks} == {"inconclusive"}


def test_an_item_that_flaps_is_never_settled_as_gone() -> None:
    address = f"{BASE}4711000111"

    responses = run(visited({address: "flapping"}, *[address] * 8))
    findings = [judge(response, expected=expected(address)) for response in responses]

    assert [finding.verdict for finding in findings] == ["gone", "live"] * 4
    assert [settle(findings[:count]).verdict for count in range(2, 9)] == ["live"] * 7


def test_what_was_captured_tells_changed_from_live() -> None:
    address = f"{BASE}4711000111"

    before, after = run(visited({address: "live", f"{BASE}x": "changed"}, address, f"{BASE}x"))
    item = {**expected(address), "fingerprint": fingerprint(before)}
    now_changed = Response(200, address, body=after.body.replace(f"{BASE}x", address))

    assert judge(before, expected=item).verdict == "live"
    assert judge(now_changed, expected=item).verdict == "changed"


def test_no_cookie_and_no_proxy_is_taken_along(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")

    [response] = run(visited({f"{BASE}1": "live"}))

    assert (response.status, response.error) == (200, None)


def test_a_host_that_asks_for_time_is_given_it() -> None:
    async def asked() -> tuple[Response, Response, int]:
        address, courtesy = f"{BASE}1", Courtesy(interval=0)
        async with standing({address: "limited"}, courtesy=courtesy) as (world, fetcher):
            first, second = await fetcher.fetch(address), await fetcher.fetch(address)
            return first, second, world.visits[address]

    first, second, visits = run(asked())

    assert (first.status, second.error, visits) == (429, "timeout", 1)


@pytest.mark.parametrize(
    ("behaviour", "title", "error"),
    [
        ("packed", "<title>Packed</title>", None),
        ("letters", "<title>Лодка</title>", None),
        ("unasked", "", "protocol"),
        ("members", "<title>Two members</title>", None),
        ("cut", "", "protocol"),
        ("riddle", "<title>Riddle</title>", None),
        ("wide", "", "too_large"),
    ],
)
def test_the_body_is_unpacked_and_read_in_its_own_letters(
    behaviour: str, title: str, error: str | None
) -> None:
    [response] = run(visited({f"{BASE}1": behaviour}))

    assert (response.body[-len(title) :] if title else response.body, response.error) == (title, error)


def test_where_nobody_listens_there_is_no_answer() -> None:
    async def asked() -> Response:
        async with World({f"{BASE}1": "live"}) as world:
            nobody = replace(world.pretence, ports={443: 1})
            async with Fetcher(pretence=nobody, courtesy=Courtesy(interval=0), limits=SMALL) as fetcher:
                return await fetcher.fetch(f"{BASE}1")

    assert run(asked()).error == "connect"


def test_a_search_domain_is_not_asked() -> None:
    assert [absolute(name) for name in ("chirp.example", "localhost")] == ["chirp.example.", "localhost"]


def test_the_system_knows_this_machine() -> None:
    assert set(system_resolve("localhost")) <= {"127.0.0.1", "::1"}
