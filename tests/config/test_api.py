"""The API as a whole: its schema, its errors, and role by route by method against one table."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.roles import Permission as P
from accounts.roles import Role, can, may_use
from casework import checkers, imports
from casework.lifecycle import LIFECYCLE as OF_ITEM
from casework.models import Checker, Selector
from casework.views.verbs import PLAIN as ITEM_VERBS
from notices import contacts, links
from notices.lifecycle import LIFECYCLE as OF_NOTICE
from notices.models import Dispatch, LetterVersion
from notices.views.verbs import PLAIN as NOTICE_VERBS
from platforms.models import ChannelKind, Platform
from reports import row_files, work
from reports.lifecycle import LIFECYCLE as OF_EDITION
from reports.views.edition_verbs import PLAIN as EDITION_VERBS
from tests.factories import alias, exhibit, make_case, make_item, reread
from tests.notices.letters_at import Desk
from tests.reports.conftest import scope
from tests.reports.editions_at import Office, monthly

Api = Callable[[User], APIClient]
SECRETS = ("An informer told us", "Operation Nightjar", "hotline seven")
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
EVERYBODY: tuple[P, ...] = ()
CASEWORK = (P.SEE_CASEWORK,)
FIGURES = (P.SEE_FIGURES,)
RUNNERS = (P.SEE_CASEWORK, P.MANAGE_PLATFORMS)
READERS = (P.SEE_CASEWORK, P.ANSWER_NOTICE)
ANSWERERS = (P.ANSWER_NOTICE, P.ANSWER_ON_BEHALF)

# Who may use each address: any of the permissions, per method. HEAD goes with GET.
KEEPERS = (P.CARE_CONTACTS, P.CONFIRM_CONTACTS)
TABLE: dict[str, dict[str, tuple[P, ...]]] = {
    "me/": {"get": EVERYBODY},
    "figures/": {"get": (P.SEE_FIGURES,)},
    "figures/report.{form}": {"get": (P.EXPORT_FIGURES,)},
    "editions/{edition}/report.{form}": {"get": (P.EXPORT_FIGURES,)},
    "claims/check/": {"get": (P.SEE_FIGURES,)},
    "episodes/": {"get": (P.SEE_FIGURES,)},
    "editions/": {"get": FIGURES, "post": (P.PREPARE_EDITION,)},
    "editions/{edition}/": {"get": FIGURES},
    "editions/{edition}/figures/": {"get": FIGURES},
    "editions/{edition}/public/": {"get": FIGURES},
    "editions/{edition}/revisions/": {"get": FIGURES},
    "editions/{edition}/events/": {"get": (P.SEE_UNRELEASED,)},
    "editions/{edition}/make_public/": {"post": (P.RELEASE_EDITION,)},
    "editions/{edition}/revise/": {"post": (P.PREPARE_EDITION,)},
    "editions/{edition}/rerun/": {"post": (P.SEE_UNRELEASED,)},
    "schedules/": {"get": (P.SEE_UNRELEASED,), "post": (P.PREPARE_EDITION,)},
    "schedules/{schedule}/": {"get": (P.SEE_UNRELEASED,)},
    "schedules/{schedule}/stop/": {"post": (P.PREPARE_EDITION,)},
    "jobs/": {"get": (P.EXPORT_FIGURES,)},
    "jobs/{job}/": {"get": (P.EXPORT_FIGURES,)},
    "jobs/{job}/cancel/": {"post": (P.PREPARE_EDITION,)},
    "tokens/": {"get": EVERYBODY, "post": EVERYBODY},
    "tokens/{token}/": {"get": EVERYBODY},
    "tokens/{token}/revoke/": {"post": EVERYBODY},
    "platforms/": {"get": EVERYBODY},
    "platforms/{platform}/": {"get": EVERYBODY},
    "platforms/{platform}/briefing/": {"get": FIGURES},
    "cases/": {"get": CASEWORK, "post": (P.OPEN_CASE,)},
    "cases/{case}/": {"get": CASEWORK},
    "cases/{case}/close/": {"post": (P.CLOSE_CASE,)},
    "categories/": {"get": CASEWORK},
    "categories/{category}/": {"get": CASEWORK},
    "grounds/": {"get": CASEWORK},
    "grounds/{ground}/": {"get": CASEWORK},
    "incoming-mail/": {"post": (P.DELIVER_MAIL,)},
    "items/": {"get": CASEWORK, "post": (P.IDENTIFY_ITEM,)},
    "items/preview/": {"post": (P.IDENTIFY_ITEM,)},
    "items/{item}/": {"get": CASEWORK},
    "items/{item}/assess/": {"post": (P.ASSESS_ITEM,)},
    "items/{item}/correct/": {"post": (P.IDENTIFY_ITEM, P.ASSESS_ITEM)},
    "items/{item}/reject/": {"post": (P.ASSESS_ITEM,)},
    "items/{item}/revoke/": {"post": (P.APPROVE_ITEM,)},
    "items/{item}/hold/": {"post": (P.HOLD_ITEM,)},
    "items/{item}/mark_duplicate/": {"post": (P.ASSESS_ITEM,)},
    "items/{item}/checks/": {"get": CASEWORK, "post": (P.CHECK_ITEM,)},
    "items/{item}/evidence/": {"get": CASEWORK, "post": (P.ATTACH_EVIDENCE,)},
    "items/{item}/events/": {"get": CASEWORK},
    "owner-accounts/": {"get": CASEWORK},
    "owner-accounts/{account}/": {"get": CASEWORK},
    "selectors/": {"get": CASEWORK},
    "selectors/{selector}/": {"get": CASEWORK},
    "items/{item}/aliases/": {"get": CASEWORK, "post": (P.CHECK_ITEM,)},
    "aliases/": {"get": CASEWORK},
    "aliases/{alias}/": {"get": CASEWORK},
    "aliases/{alias}/withdraw/": {"post": (P.CHECK_ITEM,)},
    "rereadings/": {"get": CASEWORK},
    "rereadings/{rereading}/": {"get": CASEWORK},
    "rereadings/{rereading}/accept/": {"post": (P.APPROVE_ITEM,)},
    "rereadings/{rereading}/refuse/": {"post": (P.APPROVE_ITEM,)},
    "imports/": {"get": CASEWORK, "post": (P.IDENTIFY_ITEM,)},
    "imports/{import}/": {"get": CASEWORK},
    "imports/{import}/cancel/": {"post": (P.IDENTIFY_ITEM,)},
    "check-jobs/lease/": {"post": (P.CHECKER,)},
    "check-jobs/extend/": {"post": (P.CHECKER,)},
    "check-jobs/hand_back/": {"post": (P.CHECKER,)},
    "check-jobs/findings/": {"post": (P.CHECKER,)},
    "checkers/": {"get": RUNNERS, "post": (P.MANAGE_PLATFORMS,)},
    "checkers/{checker}/": {"get": RUNNERS},
    "checkers/{checker}/renew_token/": {"post": (P.MANAGE_PLATFORMS,)},
    "checkers/{checker}/stop/": {"post": (P.MANAGE_PLATFORMS,)},
    "visit-decisions/": {"get": RUNNERS, "post": (P.MANAGE_PLATFORMS,)},
    "visit-decisions/legal_note/": {"get": RUNNERS},
    "evidence/{evidence}/": {"get": CASEWORK},
    "evidence/{evidence}/file/": {"get": CASEWORK},
    "blobs/many/": {"put": (P.CHECKER,)},
    "blobs/{blob}/": {"put": (P.CHECKER,)},
    "notices/": {"get": READERS, "post": (P.DRAFT_NOTICE,)},
    "notices/preview/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/": {"get": READERS},
    "notices/{notice}/sender/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/lines/1/remove/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/acknowledge/": {"post": ANSWERERS},
    "notices/{notice}/object/": {"post": ANSWERERS},
    "answer-links/": {"get": (P.SEND_NOTICE,), "post": (P.SEND_NOTICE,)},
    "answer-links/{link}/": {"get": (P.SEND_NOTICE,)},
    "answer-links/{link}/openings/": {"get": (P.SEND_NOTICE,)},
    "answer-links/{link}/revoke/": {"post": (P.SEND_NOTICE,)},
    "notices/{notice}/bounce/": {"post": (P.SEND_NOTICE,)},
    "notices/{notice}/received/": {"post": (P.SEND_NOTICE,)},
    "notices/{notice}/escalate/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/tell/": {"post": (P.SEND_NOTICE,)},
    "notices/{notice}/lines/": {"get": READERS},
    "notices/{notice}/answers/": {"get": READERS, "post": ANSWERERS},
    "notices/{notice}/answers/file/": {"post": ANSWERERS},
    "notices/{notice}/events/": {"get": READERS},
    "letters/": {"get": (P.SEE_CASEWORK, P.WRITE_LETTERS), "post": (P.WRITE_LETTERS,)},
    "letters/{letter}/": {"get": (P.SEE_CASEWORK, P.WRITE_LETTERS)},
    "letters/{letter}/approve/": {"post": (P.WRITE_LETTERS,)},
    "letters/{letter}/retire/": {"post": (P.WRITE_LETTERS,)},
    "notices/preservation/": {"post": (P.DRAFT_NOTICE,)},
    "notices/dispute/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/withdrawal/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/correction/": {"post": (P.DRAFT_NOTICE,)},
    "notices/{notice}/letter.pdf": {"get": READERS},
    "notices/{notice}/lines.csv": {"get": READERS},
    "notices/{notice}/lines.xlsx": {"get": READERS},
    "dispatches/": {"get": CASEWORK},
    "dispatches/{dispatch}/": {"get": CASEWORK},
    "dispatches/{dispatch}/resolve/": {"post": (P.SEND_NOTICE,)},
    "dispatches/{dispatch}/replay/": {"post": (P.SEND_NOTICE,)},
    "ladders/": {"get": CASEWORK},
    "ladders/{platform}/": {"get": CASEWORK},
    "ladders/{platform}/steps/": {"get": CASEWORK, "post": (P.SET_LADDER,)},
    "contacts/": {"get": (P.SEE_CASEWORK, P.CARE_CONTACTS), "post": KEEPERS},
    "contacts/{contact}/": {"get": (P.SEE_CASEWORK, P.CARE_CONTACTS)},
    "contacts/{contact}/change/": {"post": KEEPERS},
    "contacts/{contact}/confirm/": {"post": KEEPERS},
    "contact-changes/": {"get": (P.SEE_CASEWORK, P.CARE_CONTACTS)},
    "contact-changes/{change}/": {"get": (P.SEE_CASEWORK, P.CARE_CONTACTS)},
    "contact-changes/{change}/decide/": {"post": (P.CONFIRM_CONTACTS,)},
    "notifications/": {"get": (P.DRAFT_NOTICE,)},
    "notifications/read/": {"post": (P.DRAFT_NOTICE,)},
    "chasers/": {"get": CASEWORK, "post": (P.SEND_NOTICE,)},
    "ladders/{platform}/change/": {"post": (P.SET_LADDER,)},
    **{f"items/{{item}}/{row.verb}/": {"post": (OF_ITEM.find(row.verb).permission,)} for row in ITEM_VERBS},
    **{
        f"notices/{{notice}}/{row.verb}/": {"post": (OF_NOTICE.find(row.verb).permission,)}
        for row in NOTICE_VERBS
    },
    **{
        f"editions/{{edition}}/{row.verb}/": {"post": (OF_EDITION.find(row.verb).permission,)}
        for row in EDITION_VERBS
    },
}  # type: ignore[dict-item]
SIGNED = {"answers/{}/"}  # a signature instead of a sign-in, and its own id instead of a key
OPEN = {"schema/"} | SIGNED  # need no sign-in


@pytest.fixture
def desk(person: Callable[..., User], settings: Any, tmp_path: Any) -> Desk:
    settings.EVIDENCE_DIR, settings.EXPORT_DIR = tmp_path, tmp_path / "exports"
    return Desk(person(Role.OFFICER), person(Role.REVIEWER), person(Role.LIAISON, platform="x"))


@pytest.fixture
def samples(desk: Desk, person: Callable[..., User]) -> dict[str, Any]:
    """One of everything; the notice is one of X's."""
    case = make_case(reference="OP-9", title=SECRETS[1])
    item = make_item(case=case, note=SECRETS[0], title="@a_handle", source=SECRETS[2], by=desk.first)
    notice, unsent = desk.sent(lines=1), desk.queued(lines=1, kind=ChannelKind.MAIL)
    token, _ = tokens.issue(desk.liaison, name="Feed", scopes=["answer_notice"], by=desk.liaison)
    begun = imports.start_import(b"address\n", "a.csv", case=case, dry_run=True, by=desk.first)
    office = Office(person(Role.MANAGER, number=8), person(Role.MANAGER, number=9))
    written = work.run(row_files.begin(scope(), {}, by=office.first).pk)
    link, _ = links.make(notice, addressee="legal@x.example", by=desk.first)
    return {
        "link": link.pk,
        "edition": office.published().reference,
        "form": "xlsx",
        "schedule": monthly(office).pk,
        "letter": LetterVersion.objects.first().pk,
        "job": written.pk,
        "case": case.reference,
        "item": item.reference,
        "account": item.account_id,
        "selector": Selector.objects.get().pk,
        "evidence": exhibit(item, by=desk.first).pk,
        "blob": "0" * 64,
        "notice": notice.reference,
        "dispatch": Dispatch.objects.get(notice=unsent).pk,
        "token": token.pk,
        "checker": checkers.add_checker("London", country="GB", by=person(Role.ADMINISTRATOR, number=7))[
            0
        ].pk,
        "import": begun.pk,
        "platform": "x",
        **proposal(desk),
        "rereading": reread(item).pk,
        "alias": alias(case=case, by=desk.first).pk,
        "category": "small_boat_advert",
        "ground": "bsaia_2025_17",
    }


def proposal(desk: Desk) -> dict[str, int]:
    """A contact of X's, and what its liaison would change about it."""
    x = Platform.objects.get(slug="x")
    kept = contacts.change(
        x, None, {"desk": "Duty desk", "telephone": "+44 20 7946 0001"}, by=desk.first
    ).contact
    assert kept is not None
    made = contacts.change(x, kept, {"telephone": "+44 20 7946 0002"}, by=desk.liaison)
    return {"contact": kept.pk, "change": made.pk}


def patterns(resolver: Any, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern)


def routes() -> set[str]:
    """The API's addresses, with their parameters taken out; the verbs one by one."""
    found = set()
    for pattern in patterns(get_resolver()):
        if not pattern.startswith("api/v1/"):
            continue
        route = pattern.removeprefix("api/v1/")
        verbs = {
            "<item_verb:verb>": ITEM_VERBS,
            "<notice_verb:verb>": NOTICE_VERBS,
            "<edition_verb:verb>": EDITION_VERBS,
        }
        for converter, rows in verbs.items():
            if converter in route:
                found |= {route.replace(converter, row.verb) for row in rows}
                break
        else:
            found.add(route.replace("<int:position>", "1"))
    return {re.sub(r"<\w+:\w+>", "{}", route) for route in found}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    rows = {re.sub(r"{\w+}", "{}", route) for route in TABLE} | OPEN

    assert routes() == rows


def ask(client: Any, method: str, path: str) -> Any:
    """One request with an empty body, of which nothing stays."""
    with transaction.atomic():
        point = transaction.savepoint()
        more = (
            {"data": "{}", "content_type": "application/json"} if method in {"post", "put", "patch"} else {}
        )
        response = getattr(client, method)(path, **more)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.savepoint_rollback(point)
    return response


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_role_by_route_by_method(
    role: str, samples: dict[str, Any], desk: Desk, person: Any, api: Api
) -> None:
    people = {
        Role.OFFICER: desk.first, Role.REVIEWER: desk.second, Role.LIAISON: desk.liaison,
        Role.CHECKER: Checker.objects.get(pk=samples["checker"]).user,
    }  # fmt: skip
    user = people.get(Role(role)) or person(role)
    wrong, tried = [], 0

    for route, methods in TABLE.items():
        for method in METHODS:
            needed = methods.get("get" if method == "head" else method)
            came = ask(api(user), method, f"/api/v1/{route.format(**samples)}").status_code
            tried += 1
            if came not in expected(user, needed, route):
                wrong.append(f"{method} {route}: {came}")

    assert wrong == []
    assert tried == len(TABLE) * len(METHODS)


def expected(user: User, needed: tuple[P, ...] | None, route: str) -> set[int]:
    """What may come: no such method, a refusal, not theirs, or the verb's own answer to no input."""
    if needed is None:
        return {403, 405}
    if not may_use(user, needed):
        return {403}
    if "{token}" in route and user.role not in {Role.LIAISON, Role.ADMINISTRATOR}:
        return {404}
    return {200, 201, 400, 409, 415}


def test_nobody_without_signing_in(samples: dict[str, Any]) -> None:
    for route in TABLE:
        for method in METHODS:
            response = ask(APIClient(), method, f"/api/v1/{route.format(**samples)}")

            assert response.status_code == 401, (method, route)
            assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_not_theirs_and_not_there_are_the_same(samples: dict[str, Any], desk: Desk, api: Api) -> None:
    foreign = desk.sent(platform="facebook", lines=1)
    client, tried = api(desk.liaison), 0

    for route in TABLE:
        if not route.startswith("notices/{notice}") or not any(
            can(desk.liaison, permission) for needed in TABLE[route].values() for permission in needed
        ):
            continue
        for method in TABLE[route]:
            answers = [
                ask(client, method, f"/api/v1/{route.format(notice=reference)}")
                for reference in (foreign.reference, "N2026-999999", "a%00b")
            ]
            assert {answer.status_code for answer in answers} <= {404, 403}, (method, route)
            assert len({answer.content for answer in answers}) == 1
            tried += 1

    assert tried > 8
    assert client.get("/api/v1/platforms/facebook/").status_code == 404


def test_liaison_never_sees_anything_of_our_own_work(samples: dict[str, Any], desk: Desk, api: Api) -> None:
    told = []
    desk.sent(platform="facebook", lines=1)

    for route, methods in TABLE.items():
        if "get" in methods:
            response = api(desk.liaison).get(f"/api/v1/{route.format(**samples)}")
            told.append(b"".join(response.streaming_content) if response.streaming else response.content)

    everything = b"".join(told).decode("latin-1")
    for secret in (
        *SECRETS,
        desk.case().title,
        desk.first.email,
        desk.second.name,
        "facebook.com",
        "Facebook",
    ):
        assert secret not in everything


def test_schema_is_valid_without_a_warning(db: None, tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))

    assert "Idempotency-Key" in (tmp_path / "schema.yaml").read_text()


def test_schema_is_published_and_names_every_route(db: None) -> None:
    response = APIClient().get("/api/v1/schema/")

    document = response.json()
    assert response.status_code == 200
    published = {re.sub(r"{\w+}", "{}", path.removeprefix("/api/v1/")) for path in document["paths"]}
    known = {re.sub(r"{\w+}", "{}", route) for route in TABLE} | SIGNED
    verbs = {
        f"{noun}/{{}}/{row.verb}/"
        for noun, rows in (("items", ITEM_VERBS), ("notices", NOTICE_VERBS), ("editions", EDITION_VERBS))
        for row in rows
    }
    own = {"items/{}/{}/", "notices/{}/{}/", "editions/{}/{}/", "notices/{}/lines/{}/remove/"}
    assert published - own == known - verbs - {"notices/{}/lines/1/remove/"}
    posts = [
        operations["post"]
        for path, operations in document["paths"].items()
        if "post" in operations and not path.startswith("/api/v1/answers/")
    ]
    assert all(any(each["name"] == "Idempotency-Key" for each in post["parameters"]) for post in posts)


# -- Errors --------------------------------------------------------------------------------------------------


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["type"] == "about:blank"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/items/", "/api/v1/items"])
def test_unknown_address_is_a_problem_document(method: str, path: str) -> None:
    problem(getattr(Client(), method)(path), 404)


def test_no_token_says_how_to_sign_in(db: None) -> None:
    response = Client().get("/api/v1/me/")

    problem(response, 401)
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_unknown_token_is_refused(db: None) -> None:
    problem(Client().get("/api/v1/me/", headers={"authorization": "Bearer tkd_unknown"}), 401)


def test_method_that_is_not_there(api: Api, officer: User) -> None:
    response = api(officer).delete("/api/v1/cases/")

    problem(response, 405)
    assert "GET" in response["Allow"]


def test_body_that_is_no_json(api: Api, officer: User) -> None:
    problem(api(officer).post("/api/v1/cases/", "{", content_type="application/json"), 400)


def test_body_of_an_unknown_type(api: Api, officer: User) -> None:
    problem(api(officer).post("/api/v1/cases/", "<a/>", content_type="application/xml"), 415)


def test_answer_of_an_unknown_type(api: Api, officer: User) -> None:
    problem(api(officer).get("/api/v1/cases/", headers={"accept": "image/png"}), 406)


def test_field_that_is_not_known_is_named(api: Api, officer: User) -> None:
    response = api(officer).post("/api/v1/cases/", {"reference": "OP-1", "title": "T", "titel": "T"})

    assert list(problem(response, 400)["errors"]) == ["titel"]


def test_refused_transition_names_what_is_possible(api: Api, officer: User) -> None:
    item = make_item()

    response = api(officer).post(f"/api/v1/items/{item.reference}/ask/", {"reason": "Where?"})

    found = problem(response, 409)
    assert found["status_of_record"] == "reported"
    assert found["actions"] == ["claim", "mark_duplicate"]


def test_made_up_cursor(api: Api, officer: User) -> None:
    problem(api(officer).get("/api/v1/cases/?cursor=cD1hYmM%3D"), 404)


def test_filter_value_that_is_not_known(api: Api, officer: User) -> None:
    assert list(problem(api(officer).get("/api/v1/items/?status=lost"), 400)["errors"]) == ["status"]


def test_failure_of_ours_is_a_problem_document_too(rf: Any) -> None:
    handler = get_resolver().resolve_error_handler(500)

    problem_document = handler(rf.get("/api/v1/items/"))
    page = handler(rf.get("/items/"))

    assert problem_document["Content-Type"] == "application/problem+json"
    assert page["Content-Type"].startswith("text/html")
