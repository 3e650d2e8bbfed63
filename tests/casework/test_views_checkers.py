"""The pages about checkers: how they do, their tokens, and the switch for visits."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Token, User
from casework import check_jobs, checkers, visits
from casework.findings import record_findings
from casework.models import Checker, VisitDecision
from platforms.models import Platform
from tests.casework.checking import found, make_checker, noticed, switch, take

pytestmark = pytest.mark.django_db
LIST = "/checkers/"


def test_checker_is_added_and_its_token_shown_once(signed_in: Any, administrator: User) -> None:
    client = signed_in(administrator)

    page = client.post(reverse("casework:checker_add"), {"name": "London 1", "country": "GB"})

    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert secret not in client.get(LIST).content.decode()
    assert Checker.objects.get().name == "London 1"


@pytest.mark.parametrize(("name", "country"), [("", "GB"), ("A", "gbr"), ("Taken", "GB")])
def test_bad_checker(signed_in: Any, administrator: User, name: str, country: str) -> None:
    make_checker(name="Taken")
    given = {"name": name, "country": country}

    assert signed_in(administrator).post(reverse("casework:checker_add"), given).status_code == 422
    assert Checker.objects.count() == 1


def test_new_token_ends_the_old_one_and_stopping_ends_both(signed_in: Any, administrator: User) -> None:
    client, checker = signed_in(administrator), make_checker()

    client.post(reverse("casework:checker_renew", args=[checker.pk]))
    assert Token.objects.filter(revoked_at__isnull=True).count() == 1
    client.post(reverse("casework:checker_stop", args=[checker.pk]))
    assert not Token.objects.filter(revoked_at__isnull=True).exists()
    assert "Out of use" in client.get(LIST).content.decode()


def test_visits_are_turned_on_with_the_note_read_and_off_without(signed_in: Any, administrator: User) -> None:
    client, x = signed_in(administrator), Platform.objects.get(slug="x")
    address = reverse("casework:visit_decide", args=["x", "GB", "signed-out"])

    assert "Before you turn this on" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    assert not visits.is_allowed(x, country="GB", logged_in=False)
    client.post(address, {"read": "on"})
    assert visits.is_allowed(x, country="GB", logged_in=False)
    client.post(address, {})
    assert not visits.is_allowed(x, country="GB", logged_in=False)
    assert [row.by_name for row in VisitDecision.objects.all()] == [administrator.name] * 2


@pytest.mark.parametrize(
    "path", ["/checkers/visits/x/GB/sideways/", "/checkers/visits/nowhere/GB/signed-out/"]
)
def test_switch_of_nothing(signed_in: Any, administrator: User, path: str) -> None:
    assert signed_in(administrator).get(path).status_code == 404


def test_list_tells_how_each_checker_does(signed_in: Any, officer: User, settings: Any) -> None:
    settings.CHECK_SPREAD_SECONDS = 1
    switch("x")
    checker = make_checker()
    for _ in range(4):
        noticed()
    check_jobs.plan()
    jobs = take(checker, 3, at=timezone.now() + timedelta(seconds=2))
    record_findings(checker, [found(jobs[0]), found(jobs[1], "inconclusive")], skew=0.0)

    [told] = checkers.summaries([checker], at=timezone.now() + timedelta(seconds=2))

    assert (told.leased, told.looks, told.told_nothing, told.waiting, told.is_silent) == (1, 2, 1, 1, True)
    assert told.share_told_nothing == "50%"
    page = signed_in(officer).get(LIST)
    assert (page.status_code, "Turn on" in page.content.decode()) == (200, False)


def test_list_costs_the_same_for_one_and_for_three(signed_in: Any, administrator: User) -> None:
    client = signed_in(administrator)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            make_checker()
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))

    assert counts[0] == counts[1]
