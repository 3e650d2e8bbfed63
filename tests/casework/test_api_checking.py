"""The checkers' protocol over HTTP, with a token of its own scope, and the administrator's switch."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Token, User
from accounts.roles import Role
from casework import check_jobs, checkers, visits
from casework.models import Check, CheckJob, Event, VisitDecision
from platforms import tombstones
from tests.casework.checking import noticed, switch
from tests.factories import some

pytestmark = pytest.mark.django_db
PATH = "/api/v1/check-jobs/"


@pytest.fixture(autouse=True)
def _at_once(settings: Any) -> None:
    settings.CHECK_SPREAD_SECONDS = 1


def client_of(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def program() -> APIClient:
    _, secret = checkers.add_checker("London 1", country="GB", by=some(Role.ADMINISTRATOR))
    return client_of(secret)


def said(**more: Any) -> dict[str, Any]:
    return {"version": "1.0", "clock": timezone.now().isoformat(), **more}


def ready(count: int = 1) -> None:
    switch("x")
    for _ in range(count):
        noticed()
    check_jobs.plan()
    CheckJob.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def finding(job: dict[str, Any], **given: Any) -> dict[str, Any]:
    named = {"job": job["job"], "attempt": job["attempt"], "at": timezone.now().isoformat()}
    return {**named, "verdict": "live", "confidence": "high", **given}


def test_lease_post_and_post_again(program: APIClient) -> None:
    ready(2)

    leased = program.post(f"{PATH}lease/", said(limit=10)).json()
    findings = [finding(job) for job in leased["jobs"]]
    first, second = (program.post(f"{PATH}findings/", said(findings=findings)).json() for _ in range(2))

    assert first == {"recorded": 2, "repeated": 0, "refused": []}
    assert second == {"recorded": 0, "repeated": 2, "refused": []}
    assert Check.objects.filter(method="automatic", by_name="London 1").count() == 2
    assert program.post(f"{PATH}lease/", said(limit=10)).json()["jobs"] == []


def test_job_carries_what_was_reported_and_the_rules_of_its_platform(program: APIClient) -> None:
    ready()

    leased = program.post(f"{PATH}lease/", said(limit=1)).json()

    [job] = leased["jobs"]
    item = CheckJob.objects.get().item
    assert job["expected"] == {
        "platform": "x", "kind": "post", "identifier": item.identifier, "canonical": item.canonical,
        "fingerprint": None,
    }  # fmt: skip
    assert leased["rules"] == {"x": tombstones.rules("x")}
    assert (job["attempt"], job["reason"]) == (1, "scheduled")
    assert item.reference not in str(leased)


def test_what_a_live_page_showed_comes_with_the_next_job(program: APIClient) -> None:
    ready()
    [job] = program.post(f"{PATH}lease/", said(limit=1)).json()["jobs"]
    shown = {"salient": [1, 2], "rest": [3], "length": 40}
    program.post(f"{PATH}findings/", said(findings=[finding(job, fingerprint=shown)]))
    item = CheckJob.objects.get().item
    item.next_check_at = timezone.now()
    item.save(update_fields=["next_check_at"])
    check_jobs.plan()
    CheckJob.objects.filter(state="waiting").update(not_before=timezone.now() - timedelta(seconds=1))

    [again] = program.post(f"{PATH}lease/", said(limit=1)).json()["jobs"]

    assert again["expected"]["fingerprint"] == shown


def test_keep_and_hand_back(program: APIClient) -> None:
    ready()
    [job] = program.post(f"{PATH}lease/", said(limit=1)).json()["jobs"]
    named = [{"job": job["job"], "attempt": 1}]

    kept = program.post(f"{PATH}extend/", said(leases=named)).json()["kept"]
    back = program.post(f"{PATH}hand_back/", said(leases=named)).json()
    lost = program.post(f"{PATH}extend/", said(leases=named)).json()["kept"]

    assert (kept, back, lost) == ([job["job"]], {"handed_back": 1}, [])


def test_version_and_clock_are_recorded(program: APIClient) -> None:
    clock = timezone.now() + timedelta(minutes=2)

    program.post(f"{PATH}lease/", {"version": "1.7", "clock": clock.isoformat(), "limit": 1})

    checker = checkers.Checker.objects.get()
    assert checker.version == "1.7"
    assert 118 < checker.clock_skew <= 120
    assert checker.last_seen_at is not None


def test_token_of_a_checker_is_good_for_nothing_else(program: APIClient) -> None:
    paths = ("me", "items", "platforms", "tokens", "cases", "checkers", "visit-decisions", "figures")

    assert {path: program.get(f"/api/v1/{path}/").status_code for path in paths} == dict.fromkeys(paths, 403)
    assert program.post("/api/v1/tokens/", {"name": "a", "scopes": ["checker"], "days": 1}).status_code == 403
    assert program.post("/api/v1/items/", {}).status_code == 403


def test_nobody_else_may_lease(api: Any, officer: User, administrator: User) -> None:
    for person in (officer, administrator):
        assert api(person).post(f"{PATH}lease/", said(limit=1)).status_code == 403
    assert APIClient().post(f"{PATH}lease/", said(limit=1)).status_code == 401


def test_checker_out_of_use_and_old_token_are_refused(api: Any, administrator: User) -> None:
    checker, first = checkers.add_checker("London 1", country="GB", by=administrator)
    renewed = api(administrator).post(f"/api/v1/checkers/{checker.pk}/renew_token/").json()["secret"]

    assert client_of(first).post(f"{PATH}lease/", said(limit=1)).status_code == 401
    assert client_of(renewed).post(f"{PATH}lease/", said(limit=1)).status_code == 200
    assert api(administrator).post(f"/api/v1/checkers/{checker.pk}/stop/").json()["is_active"] is False
    assert client_of(renewed).post(f"{PATH}lease/", said(limit=1)).status_code == 401
    assert api(administrator).post(f"/api/v1/checkers/{checker.pk}/stop/").status_code == 400


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"verdict": "vanished"}, "verdict"),
        ({"job": "17"}, "job"),
        ({"attempt": 0}, "attempt"),
        ({"attempt": 10**9}, "attempt"),
        ({"at": "yesterday"}, "at"),
        ({"at": "9999-12-31T00:00:00Z"}, "at"),
        ({"confidence": "sure"}, "confidence"),
        ({"capture_sha256": "x"}, "capture_sha256"),
        ({"reason": "\x00"}, "reason"),
        ({"marker": "x" * 20_000}, "marker"),
        ({"fingerprint": {"salient": ["a"], "rest": [], "length": 1}}, "fingerprint"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_finding_is_refused_with_its_place_and_nothing_is_kept(
    program: APIClient, changed: dict[str, Any], named: str
) -> None:
    ready(2)
    good, bad = program.post(f"{PATH}lease/", said(limit=2)).json()["jobs"]

    response = program.post(f"{PATH}findings/", said(findings=[finding(good), {**finding(bad), **changed}]))

    assert response.status_code == 400
    assert named in str(response.json()["errors"]["findings"])
    assert not Check.objects.exists()


@pytest.mark.parametrize(
    "sent", [{}, {"limit": 0}, {"limit": 10**6}, {"limit": "many"}, {"limit": 1, "clock": 5}]
)
def test_bad_request_for_jobs(program: APIClient, sent: dict[str, Any]) -> None:
    assert program.post(f"{PATH}lease/", {"version": "1", **sent}).status_code == 400


def test_batch_is_limited(program: APIClient) -> None:
    many = [finding({"job": str(uuid4()), "attempt": 1}) for _ in range(501)]

    assert program.post(f"{PATH}findings/", said(findings=many)).status_code == 400


# -- The switch ------------------------------------------------------------------------------------------------------


def test_visits_are_turned_on_by_who_has_read_the_legal_note(api: Any, administrator: User) -> None:
    client, wanted = api(administrator), {"platform": "x", "country": "GB", "allowed": True}

    unread = client.post("/api/v1/visit-decisions/", wanted)
    note = client.get("/api/v1/visit-decisions/legal_note/").json()
    read = client.post("/api/v1/visit-decisions/", {**wanted, "note_sha256": note["note_sha256"]})
    twice = client.post("/api/v1/visit-decisions/", {**wanted, "note_sha256": note["note_sha256"]})
    off = client.post("/api/v1/visit-decisions/", {**wanted, "allowed": False})

    assert [each.status_code for each in (unread, read, twice, off)] == [400, 201, 400, 201]
    assert "legal note" in str(unread.json()["errors"])
    rows = VisitDecision.objects.order_by("pk").values_list("allowed", "note", "by_name")
    assert list(rows) == [(allowed, visits.LEGAL_NOTE, administrator.name) for allowed in (True, False)]
    events = Event.objects.filter(kind__startswith="visits.").order_by("pk")
    assert [(event.kind, event.actor) for event in events] == [
        ("visits.allowed", administrator), ("visits.stopped", administrator),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"platform": "nowhere"}, {"country": "gb"}, {"country": "G"}, {"allowed": "maybe"}]
)
def test_bad_decision(api: Any, administrator: User, wrong: dict[str, Any]) -> None:
    given = {"platform": "x", "country": "GB", "allowed": True, "note_sha256": visits.NOTE_SHA256, **wrong}

    response = api(administrator).post("/api/v1/visit-decisions/", given)

    assert response.status_code == 400
    assert next(iter(wrong)) in response.json()["errors"]


def test_checker_is_added_with_a_token_that_is_shown_once(api: Any, administrator: User) -> None:
    given, key = {"name": "Paris 1", "country": "FR"}, {"HTTP_IDEMPOTENCY_KEY": "k1"}

    first = api(administrator).post("/api/v1/checkers/", given, **key).json()
    again = api(administrator).post("/api/v1/checkers/", given, **key).json()
    taken = api(administrator).post("/api/v1/checkers/", given)

    assert client_of(first["secret"]).post(f"{PATH}lease/", said(limit=1)).status_code == 200
    assert (again["id"], again["secret"]) == (first["id"], None)
    assert (taken.status_code, "name" in taken.json()["errors"]) == (400, True)
    token = Token.objects.get(user__role=Role.CHECKER)
    assert token.scopes == ["checker"]
    assert not token.user.has_usable_password()
