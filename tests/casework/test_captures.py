"""Captures: sent before they are named, tied to their look, shown and compared."""

import asyncio
import hashlib
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import Settings
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from casework import assessment, captures, checkers, comparing, opening, store
from casework.captures import Clock, Given, keep
from casework.comparing import Line
from casework.models import Capture, Check, Event, Evidence, Item
from casework.transitions import TransitionNotAllowed
from checker import captures as taken
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.pretend.world import World
from checker.tape import Tape
from tests.factories import PIXEL, assess, exhibit, make_item, see_live, some

ADDRESS = "https://x.com/somebody/status/1700000000000000000"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def visited(text: str) -> list[taken.Capture]:
    """The captures of a visit to a pretend page with these words."""

    async def visit() -> list[taken.Capture]:
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(World({ADDRESS: "live"}, texts={ADDRESS: text}))
            fetcher = await stack.enter_async_context(
                Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0))
            )
            tape: Tape = []
            return taken.of(await fetcher.fetch(ADDRESS, tape), tape, software="a checker")

    return asyncio.run(visit())


def sent(files: list[taken.Capture]) -> list[Given]:
    """The files in the store, as a checker sent them."""
    return [Given(each.kind, store.put(each.content)) for each in files]


def look(item: Item, files: list[taken.Capture], **clock: Any) -> Check:
    """A live look with these captures."""
    see_live(item)
    found = item.checks.latest("pk")
    keep([(found, sent(files))], clock=Clock(**clock), by=some(Role.OFFICER))
    return found


def picture(item: Item) -> Check:
    return look(item, [taken.Capture("screenshot", PIXEL), taken.Capture("text", b"One\nTwo\nThree")])


def test_a_checkers_captures_are_no_exhibit_that_somebody_chose(reviewer: User) -> None:
    item = assess(make_item(), by=some(Role.OFFICER))
    picture(item)

    with pytest.raises(TransitionNotAllowed, match="nobody has chosen it"):
        assessment.approve(item, by=reviewer)
    exhibit(item)
    assessment.approve(item, by=reviewer)


# -- Sending ------------------------------------------------------------------------------------------------------


@pytest.fixture
def api(db: None) -> APIClient:
    client = APIClient()
    checker, _ = checkers.add_checker("London", country="GB", by=some(Role.ADMINISTRATOR))
    client.force_authenticate(checker.user)
    return client


def put(api: APIClient, content: bytes, sha256: str = "") -> Any:
    path = f"/api/v1/blobs/{sha256 or hashlib.sha256(content).hexdigest()}/"
    return api.put(path, content, content_type="application/octet-stream")


def test_a_file_is_sent_once_and_may_be_sent_again(api: APIClient) -> None:
    assert [put(api, b"some content").status_code for _ in range(2)] == [201, 200]
    assert store.waiting(hashlib.sha256(b"some content").hexdigest()).read_bytes() == b"some content"


def test_a_file_with_another_hash_is_not_kept(api: APIClient, settings: Settings) -> None:
    response = put(api, b"altered", hashlib.sha256(b"some content").hexdigest())

    assert response.status_code == 400
    assert response.json()["errors"]["file"][0].startswith(
        f"what came has the SHA-256 {hashlib.sha256(b'altered').hexdigest()}"
    )
    assert [each for each in Path(settings.EVIDENCE_DIR).rglob("*") if each.is_file()] == []


def test_a_file_that_is_too_large_is_not_kept(api: APIClient, settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 10

    response = put(api, b"eleven bytes")

    assert (response.status_code, list(response.json()["errors"])) == (400, ["file"])
    assert [each for each in Path(settings.EVIDENCE_DIR).rglob("*") if each.is_file()] == []


def test_an_empty_file_is_not_kept(api: APIClient) -> None:
    response = put(api, b"")

    assert response.status_code == 400
    assert response.json()["errors"]["file"] == ["The file is empty. Send none instead."]


@pytest.mark.parametrize("sha256", ["0" * 63, "0" * 65, "A" * 64, "..%2F" * 12])
def test_what_is_no_hash_is_no_address(api: APIClient, sha256: str) -> None:
    assert put(api, b"x", sha256).status_code == 404


# -- Keeping ------------------------------------------------------------------------------------------------------


def test_captures_of_a_look_become_exhibits_of_its_item(db: None) -> None:
    item = make_item(address=ADDRESS)

    found = look(item, visited("An offer"), source="ntp", error_ms=3, offset_ms=-12)

    kept = list(found.captures.order_by("pk"))
    assert [(each.kind, each.exhibit.item_id, each.exhibit.captured_at == found.at) for each in kept] == [
        ("warc", item.pk, True),
        ("text", item.pk, True),
        ("fingerprint", item.pk, True),
    ]
    assert {(each.clock, each.clock_error_ms, each.clock_offset_ms) for each in kept} == {("ntp", 3, -12)}
    assert [store.verify(each.exhibit.sha256) for each in kept] == [True] * 3
    assert Event.objects.get(kind="check.captured", item=item).details == {"files": 3}


def test_the_same_finding_again_changes_nothing(db: None) -> None:
    found = look(make_item(), visited("An offer"))

    keep([(found, sent(visited("Another")))], clock=Clock(), by=some(Role.OFFICER))

    assert (Capture.objects.count(), Evidence.objects.count()) == (3, 3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Given("text", "0" * 64), f"The file {'0' * 64} has not been sent yet: send it first."),
        (Given("video", "0" * 64), "“video” is no kind of capture."),
    ],
)
def test_what_cannot_be_kept_is_named(db: None, given: Given, words: str) -> None:
    item = see_live(make_item())

    with pytest.raises(ValidationError) as refused:
        keep([(item.checks.get(), [given])], clock=Clock(), by=some(Role.OFFICER))

    assert (refused.value.message_dict, Evidence.objects.count()) == ({"captures": [words]}, 0)


def test_a_screenshot_is_a_picture(db: None) -> None:
    item = see_live(make_item())

    with pytest.raises(ValidationError, match="no picture that opens"):
        keep(
            [(item.checks.get(), [Given("screenshot", store.put(b"<svg/>"))])],
            clock=Clock(),
            by=some(Role.OFFICER),
        )


def test_many_looks_take_a_fixed_number_of_statements(db: None, django_assert_max_num_queries: Any) -> None:
    given = sent(visited("An offer"))
    looks = [(see_live(make_item()).checks.get(), given) for _ in range(20)]

    with django_assert_max_num_queries(25):
        kept = keep(looks, clock=Clock(), by=some(Role.OFFICER))

    assert len(kept) == 60


# -- Showing ------------------------------------------------------------------------------------------------------


def test_a_look_shows_headers_and_text_and_never_the_page_itself(client: Client, officer: User) -> None:
    item = make_item(address=ADDRESS)
    found = look(
        item, visited("<script>alert(1)</script>An offer of http://bad.example"), source="ntp", error_ms=3
    )
    client.force_login(officer)

    page = client.get(f"/items/{item.reference}/looks/{found.pk}/").content.decode()

    assert "HTTP/1.1 200 Pretend" in page
    assert "Content-Type" in page.replace("<wbr>", "")
    assert "<script>alert" not in page
    assert "http://bad.example" not in page
    assert "Set over the network, within 3 ms" in page


def test_an_archive_that_cannot_be_read_is_told_as_none(client: Client, officer: User) -> None:
    item = make_item()
    found = look(item, [taken.Capture("warc", b"\x1f\x8b broken"), taken.Capture("fingerprint", b"[" * 9999)])
    client.force_login(officer)

    assert client.get(f"/items/{item.reference}/looks/{found.pk}/").status_code == 200


def test_a_look_at_another_item_is_not_there(client: Client, officer: User) -> None:
    found = look(make_item(), visited("An offer"))
    client.force_login(officer)

    assert client.get(f"/items/{make_item().reference}/looks/{found.pk}/").status_code == 404


def test_the_item_names_its_looks_with_files_and_keeps_captures_out_of_the_cards(
    client: Client, officer: User
) -> None:
    item = make_item()
    found = look(item, visited("An offer"))
    client.force_login(officer)

    page = client.get(f"/items/{item.reference}/").content.decode()

    assert f'href="/items/{item.reference}/looks/{found.pk}/"' in page
    assert "desk-evidence" not in page


def test_two_looks_are_compared_earlier_first(client: Client, officer: User) -> None:
    item = make_item(address=ADDRESS)
    first, second = look(item, visited("An offer of arms")), look(item, visited("Nothing to see"))
    client.force_login(officer)

    page = client.get(f"/items/{item.reference}/looks/compare/?a={second.pk}&b={first.pk}").content.decode()

    assert (
        '<del><span class="govuk-visually-hidden">Removed: </span><bdi>An offer of arms</bdi></del>' in page
    )
    assert '<ins><span class="govuk-visually-hidden">Added: </span><bdi>Nothing to see</bdi></ins>' in page
    assert page.index("The earlier look") < page.index("The later look")
    assert "content-length" in page.replace("<wbr>", "")


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=y", f"?a={'9' * 30}&b=1", "?a=%00&b=1", "?a=-1&b=1"])
def test_without_two_looks_there_is_a_choice(client: Client, officer: User, query: str) -> None:
    client.force_login(officer)
    response = client.get(f"/items/{make_item().reference}/looks/compare/{query}")

    assert response.status_code in {200, 400}


# -- Comparing ----------------------------------------------------------------------------------------------------


def test_lines_that_differ() -> None:
    before = "\n".join(["title", *map(str, range(10)), "end"])
    after = "\n".join(["title", *map(str, range(10)), "new", "end"])

    assert comparing.lines(before, after) == [
        Line("same", "title"),
        Line("same", "0"),
        Line("left_out", "7"),
        Line("same", "8"),
        Line("same", "9"),
        Line("added", "new"),
        Line("same", "end"),
    ]


def test_headers_that_differ_by_name_whatever_its_case() -> None:
    before = [("Server", "a"), ("Set-Cookie", "1"), ("Set-Cookie", "2"), ("Date", "now")]
    after = [("server", "a"), ("set-cookie", "1"), ("date", "later"), ("Age", "3")]

    assert comparing.headers(before, after) == [
        ("set-cookie", "2", ""),
        ("date", "now", "later"),
        ("age", "", "3"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ({"salient": [1, 2, 3, 4]}, {"salient": [1], "rest": [2]}, 0.5),
        ({"salient": []}, {"salient": [1]}, None),
        (None, {"salient": [1]}, None),
        ({"salient": [1]}, "no fingerprint", 0.0),
        ({"salient": "1"}, {}, None),
    ],
)
def test_likeness(before: Any, after: Any, share: float | None) -> None:
    assert comparing.likeness(before, after) == share


# -- Opening ------------------------------------------------------------------------------------------------------

ORIGIN = "http://exhibits.example:8000"


@pytest.fixture
def second_origin(settings: Settings) -> None:
    settings.EVIDENCE_ORIGIN = ORIGIN
    settings.ALLOWED_HOSTS = ["testserver", "exhibits.example"]


def opened(client: Client, exhibit: Evidence) -> Any:
    """The answer at the second origin, after the way there; cookies are sent, which a browser would not."""
    response = client.get(f"/evidence/{exhibit.pk}/")
    return client.get(response.url.removeprefix(ORIGIN), headers={"host": "exhibits.example:8000"})


def test_an_original_comes_from_the_second_origin(client: Client, officer: User, second_origin: None) -> None:
    exhibit = picture(make_item()).captures.get(kind="screenshot").exhibit
    client.force_login(officer)

    response = opened(client, exhibit)

    assert b"".join(response.streaming_content) == PIXEL
    assert {
        name: response[name] for name in ("Content-Disposition", "Content-Security-Policy", "Referrer-Policy")
    } == {
        "Content-Disposition": f'attachment; filename="{exhibit.filename}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Referrer-Policy": "no-referrer",
    }
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == (
        "nosniff",
        "application/octet-stream",
    )
    assert response.cookies == {}
    assert [
        (event.actor, event.details["sha256"]) for event in Event.objects.filter(kind="evidence.opened")
    ] == [(officer, exhibit.sha256)]


@pytest.mark.parametrize(
    "path", ["/", "/items/", "/healthz", "/sign-in/", "/static/css/parts.css", "/api/v1/me/", "/admin/"]
)
def test_the_second_origin_has_nothing_else(
    client: Client, officer: User, second_origin: None, path: str
) -> None:
    client.force_login(officer)

    response = client.get(path, headers={"host": "exhibits.example:8000"})

    assert (response.status_code, response.content) == (404, b"Not here.")


def test_originals_are_not_on_the_pages_own_origin(
    client: Client, officer: User, second_origin: None
) -> None:
    exhibit = picture(make_item()).captures.first().exhibit

    assert client.get(f"/evidence/original/{opening.link(exhibit, by=officer)}/").status_code == 404


def test_a_link_runs_out_and_is_for_one_person(
    client: Client, officer: User, second_origin: None, time_machine: Any
) -> None:
    exhibit = picture(make_item()).captures.first().exhibit
    word = opening.link(exhibit, by=officer)

    def status(link: str) -> int:
        response = client.get(f"/evidence/original/{link}/", headers={"host": "exhibits.example:8000"})
        if response.streaming:
            response.getvalue()  # to its end, so that its file is closed
        return int(response.status_code)

    forged = word.replace(f"{exhibit.pk}-", f"{exhibit.pk + 1}-", 1)
    assert [status(word), status(forged), status("none")] == [200, 404, 404]
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert status(word) == 404
    User.objects.filter(pk=officer.pk).update(is_active=True)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    assert status(word) == 404


def test_the_picture_of_a_look_is_a_copy_and_its_opening_is_kept(client: Client, officer: User) -> None:
    exhibit = picture(make_item()).captures.get(kind="screenshot").exhibit
    client.force_login(officer)

    response = client.get(f"/evidence/{exhibit.pk}/picture/")

    assert (response["Content-Type"], response.content[:4]) == ("image/png", b"\x89PNG")
    assert Event.objects.filter(kind="evidence.opened").count() == 1


def test_what_is_missing_from_the_store_is_not_there(client: Client, officer: User) -> None:
    exhibit = picture(make_item()).captures.get(kind="screenshot").exhibit
    store.path(exhibit.sha256).unlink()
    client.force_login(officer)

    assert [
        client.get(f"/evidence/{exhibit.pk}/{end}").status_code for end in ("", "picture/", "thumbnail/")
    ] == [404] * 3


def test_kinds_and_media_types_are_the_checkers() -> None:
    assert captures.MEDIA_TYPES == taken.MEDIA_TYPES
    assert json.dumps(sorted(captures.ENDINGS)) == json.dumps(sorted(taken.KINDS))
