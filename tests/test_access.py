"""Role × route × method: every address of the URLconf with every role, against the table in `tests/access.py`."""

import copy
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from accounts import tokens
from accounts.models import User
from accounts.roles import Role
from casework import checkers, evidence, imports, opening
from casework.models import Selector
from casework.views.verbs import PLAIN as ITEM_VERBS
from config.mailsink import keep
from notices import contacts, hook_secrets, hooks, links
from notices.incoming import reading
from notices.incoming.addresses import reply_address
from notices.incoming.receiving import receive
from notices.line_table import line_table
from notices.models import ContactChange, Dispatch, DispatchState, Door, LetterVersion, Notice
from notices.views.verbs import PLAIN as NOTICE_VERBS
from platforms.models import ChannelKind, Platform
from reports import breaks, charts, public_copies, row_files, schedules, work
from reports.views.edition_verbs import PLAIN as EDITION_VERBS
from tests import factories
from tests.access import API, EVERYBODY, HIDDEN, LIAISON, METHODS, PAGES, READING, Endpoint, Row
from tests.factories import make_case
from tests.notices.letters_at import Desk, channel
from tests.reports.conftest import scope
from tests.reports.editions_at import Office

SECRETS = ("An informer told us", "Hotline seven", "Operation Nightjar")
VERBS = {
    "casework:item_verb": [row.verb for row in ITEM_VERBS],
    "notices:notice_verb": [row.verb for row in NOTICE_VERBS],
    "reports:edition_verb": [row.verb for row in EDITION_VERBS],
    "api:edition-verb": [row.verb for row in EDITION_VERBS],
    "api:item-verb": [row.verb for row in ITEM_VERBS],
    "api:notice-verb": [row.verb for row in NOTICE_VERBS],
}
# Namespaces whose addresses are not listed one by one; each has a test of its own.
APART = ("admin",)
NOWHERE = "api:nowhere"  # what no other address of the API matches


@dataclass
class World:
    """One of everything that an address can name, and what belongs to another platform."""

    people: dict[str, User]
    samples: dict[str, dict[str, Any]] = field(default_factory=dict)
    foreign: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture
def world(person: Callable[..., User], settings: Any, tmp_path: Any, monkeypatch: Any) -> World:
    monkeypatch.setattr(
        opening, "LASTS", timedelta(hours=1)
    )  # all roles and methods take longer than a minute
    settings.EVIDENCE_DIR, settings.MAIL_FOLDER = tmp_path / "evidence", tmp_path / "mail"
    settings.EXPORT_DIR = tmp_path / "exports"
    people = {role: person(role) for role in sorted(EVERYBODY - {LIAISON})}
    people[LIAISON] = person(Role.LIAISON, platform="x")
    made = World(people)
    desk = Desk(people["officer"], people["reviewer"], people[LIAISON])
    case = make_case(reference="OP-1", title=SECRETS[2])
    item = factories.item_at("closed", case=case, note=SECRETS[0], title="@a_handle", source=SECRETS[1])
    exhibit = evidence.attach(item, content=picture(), filename="post.png", by=people["officer"])
    notice, foreign = desk.sent(platform="x", lines=2), desk.sent(platform="facebook", lines=1)
    unknown = desk.queued(kind=ChannelKind.MAIL)
    Dispatch.objects.filter(notice=unknown).update(state=DispatchState.UNKNOWN)
    token, _ = tokens.issue(people["officer"], name="Feed", scopes=["see_casework"], by=people["officer"])
    trial = imports.start_import(b"address\nhttps://x.com/a/status/17\n", "a.csv", case=case, dry_run=True,
                                 by=people["officer"])  # fmt: skip
    pending = Dispatch.objects.get(notice=unknown)
    office = Office(people["manager"], person(Role.MANAGER, number=2))
    settings.PUBLIC_TRANSPARENCY, edition = True, office.published()
    public_copies.make_public(edition, by=office.first)
    written = work.run(row_files.begin(scope(), {}, by=people["auditor"]).pk)
    schedule = schedules.add(
        title="Monthly", frequency="monthly", since=date(2026, 1, 1), by=people["manager"]
    )
    series_break = breaks.add(day=date(2026, 3, 1), what="Adverts count one by one", by=people["manager"])
    link, _ = links.make(notice, addressee="legal@x.example", by=people["officer"])
    hook = hook_secrets.open_hook(Platform.objects.get(slug="x"), by=people["administrator"])
    hooks.receive("x", {}, b"{}", address=None)
    message = hook.messages.get()
    made.samples = {
        "edition": {"reference": edition.reference, "form": "csv"},
        "figures": {"form": "ods"},
        "job": {"pk": written.pk},
        "schedule": {"pk": schedule.pk},
        "series_break": {"pk": series_break.pk},
        "case": {"reference": case.reference},
        "item": {"reference": item.reference},
        "notice": {"reference": notice.reference},
        "list": {"reference": notice.reference, "file": "items.csv"},
        "letter": {"pk": LetterVersion.objects.first().pk},
        "line": {"reference": notice.reference, "position": 1},
        "account": {"pk": item.account_id},
        "selector": {"pk": Selector.objects.get().pk},
        "import": {"pk": trial.pk},
        "evidence": {"pk": exhibit.pk},
        "look": {"reference": item.reference, "pk": item.checks.first().pk},
        "original": {"link": opening.link(exhibit, by=people["officer"])},
        "blob": {"sha256": hashlib.sha256(b"").hexdigest()},
        "token": {"pk": token.pk},
        "visit": {"slug": "x", "country": "GB", "how": "signed-out"},
        "checker": {"pk": checkers.add_checker("London", country="GB", by=people["administrator"])[0].pk},
        "person": {"pk": people["officer"].pk},
        "dispatch": {"pk": pending.pk},
        "rereading": {"pk": factories.reread(item).pk},
        "alias": {"pk": factories.alias(case=case, by=people["officer"]).pk},
        "platform": {"slug": "x"},
        **contacts_of("x", people),
        "channel": {"pk": channel("x", ChannelKind.WEBHOOK).pk},
        "category": {"slug": "fraud"},
        "ground": {"slug": "other_law"},
        "chart": {"token": charts.outcomes({}).token},
        "chart_csv": {"token": charts.outcomes({}).token},
        "answer-link": {"pk": link.pk},
        "link": {"token": links.secret_of(link)},
        "webhook-message": {"pk": message.pk},
        "answers": {"platform": "x"},
        "incoming": {"pk": mail_that_came_in(settings, notice), "number": 2},
        "mail": {"name": letter_in_the_sink(settings), "number": 1},
    }
    made.foreign = {
        **contacts_of("facebook", people),
        "notice": {"reference": foreign.reference},
        "list": {"reference": foreign.reference, "file": "items.json.sig"},
        "line": {"reference": foreign.reference, "position": 1},
        "platform": {"slug": "facebook"},
    }
    nothing = {
        "reference": "N2026-999999",
        "position": 1,
        "pk": 999_999,
        "slug": "nowhere",
        "name": "none.eml",
        "link": "none",
    }
    made.missing = {
        kind: {name: nothing.get(name, value) for name, value in sample.items()}
        for kind, sample in made.samples.items()
    }
    return made


def contacts_of(slug: str, people: dict[str, User]) -> dict[str, dict[str, Any]]:
    """A contact, and a change that waits to be decided."""
    platform, now = Platform.objects.get(slug=slug), {"desk": "Duty desk", "telephone": "+44 20 7946 0001"}
    kept = contacts.change(platform, None, now, by=people["manager"]).contact
    assert kept is not None
    waiting = ContactChange.objects.create(
        platform=platform, contact=kept, old=contacts._values(kept), new={**contacts._values(kept), "hours": "All day"},
        state="open", proposed_by=people[LIAISON],
    )  # fmt: skip
    return {"contact": {"pk": kept.pk}, "contact_change": {"pk": waiting.pk}}


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    return stream.getvalue()


def mail_that_came_in(settings: Any, notice: Notice) -> int:
    """With the table of the lines as its second part."""
    settings.REPLY_DOMAIN = "replies.desk.example"
    letter = EmailMessage()
    letter["From"], letter["To"] = "legal@platform.example", reply_address(notice)
    letter.set_content("See the table.")
    letter.add_attachment(line_table(notice), maintype="text", subtype="csv", filename="lines.csv")
    mail = receive(letter.as_bytes(), door=Door.SMTP, recipients=[reply_address(notice)]).mail
    reading.read_waiting()
    return mail.pk


def letter_in_the_sink(settings: Any) -> str:
    settings.MAIL_FOLDER.mkdir()
    letter = EmailMessage()
    letter["Subject"] = "Notice"
    letter.set_content("Please remove it.")
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="letter.pdf")
    return keep(letter.as_bytes(), folder=settings.MAIL_FOLDER, at=datetime.now(UTC)).name


# -- The routes ---------------------------------------------------------------------------------------------------


def routes(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    """Name with namespace, and pattern, of every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            if entry.namespace not in APART:
                yield from routes(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", pattern


def kind_of(name: str, pattern: str) -> str:
    """Which sample fills in the parameters of an address."""
    if "<int:position>" in pattern:
        return "line"
    if pattern.startswith("checkers/visits/"):
        return "visit"
    if "<item_list:file>" in pattern:
        return "list"
    if pattern.startswith("items/read-anew/"):
        return "rereading"
    if "/looks/<int:pk>/" in pattern:
        return "look"
    if pattern.endswith("original/<str:link>/"):
        return "original"
    first, *rest = pattern.removeprefix("api/v1/").removeprefix("network/").split("/")
    if first == "reports" and rest[0] not in ("chart", "chart_csv"):
        first = rest[0]
    return {
        "figures": "figures", "transparency": "edition", "editions": "edition", "schedules": "schedule", "jobs": "job",
        "series-breaks": "series_break",
        "link": "link", "webhook-messages": "webhook-message", "answers": "answers", "answer-links": "answer-link",
        "ladders": "platform", "channels": "channel", "platforms": "platform",
        "categories": "category", "grounds": "ground", "reports": "chart",
        "cases": "case", "items": "item", "imports": "import", "evidence": "evidence", "notices": "notice",
        "blobs": "blob", "rereadings": "rereading", "aliases": "alias",
        "contacts": "contact", "contact-changes": "contact_change",
        "letters": "letter",
        "dispatches": "dispatch", "incoming": "incoming", "mail": "mail", "tokens": "token", "people": "person",
        "accounts": "account", "owner-accounts": "account", "selectors": "selector", "checkers": "checker",
    }[first]  # fmt: skip


def parameters(pattern: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", pattern)


@dataclass(frozen=True)
class Address:
    row: str  # the key in the table
    name: str
    kind: str  # "" without parameters
    verb: str
    wanted: tuple[str, ...]

    def path(self, samples: dict[str, dict[str, Any]]) -> str:
        given = {"verb": self.verb, **samples.get(self.kind, {})}
        return reverse(self.name, kwargs={name: given[name] for name in self.wanted})


def addresses() -> list[Address]:
    found = []
    for name, pattern in routes():
        wanted = tuple(parameters(pattern))
        kind = kind_of(name, pattern) if wanted else ""
        for verb in VERBS.get(name, [""]):
            found.append(Address(f"{name} {verb}".strip(), name, kind, verb, wanted))
    return found


def pages() -> list[Address]:
    return [address for address in addresses() if not address.name.startswith("api:")]


def endpoints() -> list[Address]:
    return [address for address in addresses() if address.name.startswith("api:") and address.name != NOWHERE]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(address.row for address in pages()) == sorted(PAGES)
    assert sorted(address.row for address in endpoints()) == sorted(API)


# -- The table ----------------------------------------------------------------------------------------------------


def expected(address: Address, row: Row, role: str, method: str) -> str:
    """In words: what comes back."""
    if row.keyed and method == "POST":
        return "forbidden"
    if row.public:  # signed in already, a person is sent from the sign-in page to their work
        elsewhere = address.row == "accounts:sign_in" and role != "anonymous"
        return "open" if method in row.methods or elsewhere else "no such method"
    if role == "anonymous":
        return "sign in"
    if role not in row.who and role not in HIDDEN.get(address.row, ()):
        return "forbidden"
    if method not in row.methods:
        return "no such method"
    return "not found" if role in HIDDEN.get(address.row, ()) else "open"


def came(response: Any) -> str:
    if response.status_code == 302 and response.url.startswith("/sign-in/?next="):
        return "sign in"
    return {
        403: "forbidden",
        404: "not found",
        405: "no such method",
        200: "open",
        302: "open",
        303: "open",
        422: "open",
    }.get(response.status_code, str(response.status_code))


def ask(client: Client, method: str, path: str, **more: Any) -> Any:
    """One request, of which nothing stays: neither in the database nor among the cookies."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        point = transaction.savepoint()
        response = client.generic(
            method, path, **{"content_type": "application/x-www-form-urlencoded", **more}
        )
        if response.streaming:
            response.getvalue()  # read to its end, so that its file is closed
        transaction.savepoint_rollback(point)
    client.cookies = cookies
    return response


def clients(world: World) -> dict[str, Client]:
    found = {"anonymous": Client(raise_request_exception=False)}
    for role, user in world.people.items():
        found[role] = Client(raise_request_exception=False)
        found[role].force_login(user)
    return found


def test_every_role_gets_what_the_table_says(world: World, capsys: Any) -> None:
    wrong, tried = [], 0
    signed_in = clients(world)
    for address in pages():
        row = PAGES[address.row]
        path = address.path(world.samples)
        for role, client in signed_in.items():
            for method in METHODS:
                tried += 1
                got, wanted = came(ask(client, method, path)), expected(address, row, role, method)
                if got != wanted:
                    wrong.append(f"{role} {method} {path}: {got}, not {wanted}")

    with capsys.disabled():
        print(f"\n{len(pages())} addresses, {len(signed_in)} roles, {len(METHODS)} methods: {tried} tried, "
              f"{len(wrong)} wrong")  # fmt: skip
    assert wrong == []


# -- The API --------------------------------------------------------------------------------------------------------


def fits(response: Any, endpoint: Endpoint, role: str, method: str) -> bool:
    """Whether an answer of the API is the one that this role is to get."""
    status = response.status_code
    if endpoint.signed:
        return status in {401, 405}
    if role == "anonymous" and not (endpoint.public and method in READING):
        return status in ({401, 405} if endpoint.public else {401})
    if method not in endpoint.methods:
        return status in {403, 404, 405}
    allowed = endpoint.public or role in (endpoint.readers if method == "GET" else endpoint.writers)
    if allowed:
        return status in {200, 201, 400, 409, 415}
    return status in {403, 404} or (
        method == "GET" and status == 200 and response.json().get("results") == []
    )


def test_every_role_gets_from_the_api_what_the_table_says(world: World, capsys: Any) -> None:
    wrong, tried = [], 0
    signed_in = clients(world)
    for address in endpoints():
        path = address.path(world.samples)
        for role, client in signed_in.items():
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                tried += 1
                sent = {
                    "content_type": "application/json",
                    "data": "{}",
                    "headers": {"Idempotency-Key": f"k{tried}"},
                }
                response = ask(client, method, path, **sent)
                if not fits(response, API[address.row], role, method):
                    wrong.append(f"{role} {method} {path}: {response.status_code}")

    with capsys.disabled():
        print(
            f"\n{len(endpoints())} endpoints, {len(signed_in)} roles, 5 methods: {tried} tried, {len(wrong)} wrong"
        )
    assert wrong == []


def test_address_that_the_api_does_not_have(world: World) -> None:
    response = clients(world)["officer"].get("/api/v1/nothing/")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


# -- Not yours is not there ---------------------------------------------------------------------------------------


def test_what_is_not_yours_looks_like_what_does_not_exist(world: World) -> None:
    client = clients(world)[LIAISON]
    differing = []
    for address in pages():
        row = PAGES[address.row]
        if LIAISON not in row.who or address.kind not in world.foreign:
            continue
        for method in sorted(row.methods - {"OPTIONS"}):
            theirs = ask(client, method, address.path(world.foreign))
            nothing = ask(client, method, address.path(world.missing))
            if not (theirs.status_code == nothing.status_code == 404 and bare(theirs) == bare(nothing)):
                differing.append(f"{method} {address.row}: {theirs.status_code} and {nothing.status_code}")

    assert differing == []


def test_the_api_tells_a_liaison_nothing_about_another_platform(world: World) -> None:
    client = clients(world)[LIAISON]
    differing = []
    for address in endpoints():
        if address.kind not in world.foreign:
            continue
        for method in sorted(API[address.row].methods):
            sent = {"content_type": "application/json", "data": "{}"}
            theirs, nothing = (
                ask(client, method, address.path(which), **sent) for which in (world.foreign, world.missing)
            )
            same = theirs.status_code == nothing.status_code and bare(theirs) == bare(nothing)
            if not same or theirs.status_code not in {403, 404}:
                differing.append(f"{method} {address.row}: {theirs.status_code} and {nothing.status_code}")

    assert differing == []


def bare(response: Any) -> str:
    """The page without what differs from request to request."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", response.content.decode())
    return re.sub(r"N?20\d\d-\d{6}|facebook|nowhere", "", text)


def test_nothing_internal_or_foreign_is_on_any_page_of_a_liaison(world: World) -> None:
    client = clients(world)[LIAISON]
    foreign = Notice.objects.get(platform__slug="facebook")
    line = foreign.lines.get()
    names = [world.people[role].email for role in ("officer", "reviewer")]
    secrets = [*SECRETS, *names, foreign.reference, line.item.reference, line.address, "Facebook"]
    leaks = []
    read = [address for address in pages() if LIAISON in PAGES[address.row].who]
    read += [
        address
        for address in endpoints()
        if LIAISON in API[address.row].readers and address.row != "api:schema"
    ]
    for address in read:
        response = client.get(address.path(world.samples))
        text = response.getvalue().decode("utf-8", "replace")
        leaks += [f"{address.row}: {secret}" for secret in secrets if secret in text]

    assert leaks == []


def test_the_leaks_would_be_seen(world: World) -> None:
    """The secrets are really there, on the pages of those who may read them."""
    client = clients(world)["officer"]
    item = client.get(reverse("casework:item_detail", kwargs=world.samples["item"])).content.decode()
    notice = client.get(reverse("notices:notice_detail", kwargs=world.foreign["notice"])).content.decode()

    assert all(secret in item for secret in SECRETS[:2])
    assert "Facebook" in notice


def test_rights_end_with_the_person(world: World) -> None:
    officer = world.people["officer"]
    client = clients(world)["officer"]
    User.objects.filter(pk=officer.pk).update(is_active=False)

    assert came(client.get("/items/")) == "sign in"


def test_admin_site_is_closed_to_every_other_role(world: World) -> None:
    signed_in = clients(world)
    paths = ["/admin/", *(f"/admin/{app}/" for app in ("accounts", "platforms")), "/admin/platforms/platform/1/change/",
             "/admin/accounts/user/", "/admin/jsi18n/", "/admin/password_change/"]  # fmt: skip
    for role, client in signed_in.items():
        for path in paths:
            opened = client.get(path).status_code == 200
            assert opened == (role == "administrator"), (role, path)
