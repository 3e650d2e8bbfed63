"""One look: when a browser is asked too, whose finding counts, and which files stay."""

import asyncio

import pytest

from checker.browser import CannotLook, Sight
from checker.captures import Capture, of_page
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.observed import Response
from checker.pretend.world import World
from checker.tape import Tape
from checker.visiting import Controls, Seen, Visitor

ITEM = "https://site.example/post/4711000100"
EXPECTED = {"platform": "x", "kind": "post", "identifier": "4711000100", "canonical": ITEM}
WORDS = "Boats, every day, write to us, item 4711000100"
LIVE = (
    f'<title>Boats</title><link rel="canonical" href="{ITEM}"><meta property="og:title" content="Boats">'
    f'<meta property="og:description" content="{WORDS}"><h1>Boats</h1><p>{WORDS}</p>'
)
REMOVED = "<title>Removed</title><h1>This post was removed for violating our Community Guidelines</h1>"
PICTURES = ["document", "fingerprint", "screenshot", "text"]


class Eye:
    """A browser that sees this page, or cannot look; it counts how often it was asked."""

    def __init__(self, body: str | None) -> None:
        self.body, self.asked = body, 0

    async def look(self, url: str) -> Sight:
        self.asked += 1
        if self.body is None:
            raise CannotLook("no browser here")
        return Sight(Response(200, url, body=self.body), [Capture(kind, b"by browser") for kind in PICTURES])


def look(does: str, eye: Eye | None = None, *, keeps: bool = True, scripts: bool = False) -> Seen:
    async def looked() -> Seen:
        async with (
            World({ITEM: does}) as world,
            Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0)) as fetcher,
        ):
            visitor = Visitor(fetcher, browser=eye, keeps=keeps)  # type: ignore[arg-type]
            return await visitor.look(EXPECTED, {"scripts": scripts})

    return asyncio.run(looked())


def by_browser(seen: Seen) -> list[str]:
    return sorted(each.kind for each in seen.files if each.content == b"by browser")


def plain(seen: Seen) -> list[str]:
    return sorted(each.kind for each in seen.files if each.content != b"by browser")


@pytest.mark.parametrize("does", ["live", "removed", "closed", "limited"])
def test_browser_is_asked_only_where_a_page_told_nothing(does: str) -> None:
    eye = Eye(LIVE)
    look(does, eye)

    assert eye.asked == 0


def test_browser_that_sees_more_is_believed_and_its_files_stand_beside_the_archive() -> None:
    eye = Eye(LIVE)
    seen = look("consent", eye)

    assert (eye.asked, seen.body["verdict"], by_browser(seen), plain(seen)) == (1, "live", PICTURES, ["warc"])


def test_browser_that_sees_no_more_leaves_its_picture_only() -> None:
    seen = look("consent", Eye("<title>Chirp</title>"))

    assert seen.body["verdict"] == "inconclusive"
    assert (by_browser(seen), plain(seen)) == (["document", "screenshot"], ["fingerprint", "text", "warc"])


def test_platform_whose_pages_need_scripts_is_always_looked_at_with_a_browser() -> None:
    eye = Eye(LIVE)

    assert (look("removed", eye, scripts=True).body["verdict"], eye.asked) == ("live", 1)


def test_browser_that_sees_nothing_left_never_outweighs_what_was_plainly_there() -> None:
    eye = Eye(REMOVED)
    seen = look("live", eye, scripts=True)

    assert (seen.body["verdict"], eye.asked, plain(seen)) == ("live", 1, ["fingerprint", "text", "warc"])


def test_without_a_browser_that_works_the_plain_look_counts() -> None:
    seen = look("consent", Eye(None))

    assert (seen.body["verdict"], by_browser(seen), plain(seen)) == (
        "inconclusive",
        [],
        ["fingerprint", "text", "warc"],
    )


@pytest.mark.parametrize("does", ["live", "consent", "closed"])
def test_who_keeps_no_captures_keeps_none_of_a_browser_either(does: str) -> None:
    seen = look(does, Eye(LIVE), keeps=False)

    assert (seen.files, seen.body["verdict"]) == ([], "inconclusive" if does == "closed" else "live")


def test_what_hosts_answer_to_made_up_addresses_is_kept_for_as_many_as_there_is_room() -> None:
    hosts = [f"https://soft-{number}.example/post/4711000100" for number in range(3)]

    async def asked() -> list[int]:
        async with (
            World(dict.fromkeys([*hosts, "*"], "soft")) as world,
            Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0)) as fetcher,
        ):
            controls = Controls(fetcher, most=5_000)  # two of the three
            counts = []
            for host in [*hosts, hosts[2], hosts[1], hosts[0]]:
                await controls.ask(host)
                counts.append(sum(world.visits.values()))
            return counts

    assert asyncio.run(asked()) == [1, 2, 3, 3, 3, 4]


def test_many_large_pages_at_once_are_read_few_at_a_time_and_little_of_them_is_kept() -> None:
    sites = [f"https://huge-{number}.example/" for number in range(12)]

    async def visited() -> list[tuple[str | None, int]]:
        async with World(dict.fromkeys(sites, "huge")) as world, Fetcher(pretence=world.pretence) as fetcher:
            tapes: list[Tape] = [[] for _ in sites]
            responses = await asyncio.gather(*map(fetcher.fetch, sites, tapes))
            return [(each.error, len(tape[-1].body)) for each, tape in zip(responses, tapes, strict=True)]

    assert asyncio.run(visited()) == [("too_large", 1_000_000)] * len(sites)


def test_rules_that_come_anew_are_followed() -> None:
    """A rule that a page with this word is private; then the same platform without it."""
    rule = {"name": "boats", "verdict": "private", "source": ["an offer"]}

    async def looked() -> list[str]:
        async with (
            World({ITEM: "live"}) as world,
            Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0)) as fetcher,
        ):
            visitor = Visitor(fetcher)
            given = ({"rules": [rule]}, {"rules": [rule]}, {"rules": []}, None)
            return [(await visitor.look(EXPECTED, rules)).body["verdict"] for rules in given]

    assert asyncio.run(looked()) == ["private", "private", "live", "live"]


def test_empty_page_has_no_text_to_keep() -> None:
    assert [each.kind for each in of_page(Response(200, body=""))] == ["fingerprint"]
