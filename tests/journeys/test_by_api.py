"""The same operation through the API, each person with a token of their own."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.roles import GRANTS, Role
from notices import dispatch
from tests.journeys import story
from tests.journeys.conftest import People
from tests.journeys.hand import screenshot
from tests.journeys.pdf import is_tagged

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Caller:
    """A program that acts for one person, with all that their role grants."""

    def __init__(self, user: User) -> None:
        _, secret = tokens.issue(user, name="journey", scopes=GRANTS[Role(user.role)], by=user)
        self.client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")

    def get(self, path: str, *, expect: int = 200, **query: Any) -> Any:
        return self._read(self.client.get(f"/api/v1/{path}", query), expect)

    def post(self, path: str, *, expect: int = 201, **sent: Any) -> Any:
        return self._read(self.client.post(f"/api/v1/{path}", sent, format="json"), expect)

    def upload(self, path: str, number: int, **sent: Any) -> Any:
        picture = screenshot(number)
        file = SimpleUploadedFile(picture["name"], picture["buffer"], picture["mimeType"])
        return self._read(
            self.client.post(f"/api/v1/{path}", {"file": file, **sent}, format="multipart"), 201
        )

    def _read(self, response: Any, expect: int) -> Any:
        assert response.status_code == expect, response.content[:2000]
        return response.json() if "json" in response.headers["Content-Type"] else response.content


def test_from_paste_to_rate_by_api(people: People, mail_sink: Path) -> None:
    officer, reviewer, manager = (Caller(people[role]) for role in ("officer", "reviewer", "manager"))
    liaison = Caller(people["facebook"])
    identifies(officer)
    assesses(officer)
    approves(reviewer)
    drafts(officer)
    for platform in ("facebook", "x"):
        reviewer.post(f"notices/{story.notice(platform).reference}/approve/", expect=200)
    sends(officer)
    assert len(list(mail_sink.glob("*.eml"))) == 1
    assert is_tagged(officer.get(f"notices/{story.notice('x').reference}/letter.pdf"))
    answers(liaison)
    checks(officer)
    withdrawn = story.item(*story.WITHDRAWN).reference
    reviewer.post(f"items/{withdrawn}/withdraw/", expect=200, reason=story.WITHDRAWAL)
    reads_the_rate(manager)
    story.check_histories()


def identifies(officer: Caller) -> None:
    officer.post("cases/", reference=story.CASE, title=story.CASE_TITLE)
    read = officer.post("items/preview/", expect=200, case=story.CASE, text=story.PASTED)
    assert Counter(row["platform"] or "" for row in read) == Counter(
        {name.lower(): number for name, number in story.READ_AS.items()}
    )
    assert read[story.TWICE - 1]["duplicate_in_paste"] == 13
    known = [(each["case"], each["status"], each["outcome"]) for each in read[story.KNOWN - 1]["known"]]
    assert known == [("OP-2026-007", "not_actionable", "Lawful content")]
    left_out = {story.TWICE, story.KNOWN, story.UNREADABLE, story.SHORT}
    rows = [
        {
            "address": row["address"],
            "category": story.CATEGORY,
            "language": "ar",
            "source": "Found by a search",
        }
        for row in read
        if row["row"] not in left_out
    ]
    identified = officer.post("items/", case=story.CASE, items=rows)
    assert (len(identified["items"]), identified["duplicates"], identified["refused"]) == (
        story.SAVED,
        [],
        [],
    )


def assesses(officer: Caller) -> None:
    waiting = officer.get("items/", queue="to_assess", page_size=100)["results"]
    assert len(waiting) == story.SAVED
    for item in waiting:
        officer.post(
            f"items/{item['reference']}/assess/", expect=200, category=story.CATEGORY, ground=story.GROUND,
            rationale=story.RATIONALE, severity="high", protected_speech="none",
        )  # fmt: skip
    for number, noticed in enumerate(story.noticed_items()):
        officer.upload(f"items/{noticed.reference}/evidence/", number, description="The advert as found")


def approves(reviewer: Caller) -> None:
    waiting = reviewer.get("items/", queue="to_approve", page_size=100)["results"]
    ready = {item.reference for item in story.noticed_items()}
    for item in sorted(waiting, key=lambda each: each["reference"]):
        expected = 200 if item["reference"] in ready else 409
        reviewer.post(f"items/{item['reference']}/approve/", expect=expected)


def drafts(officer: Caller) -> None:
    waiting = [
        item["reference"] for item in officer.get("items/", queue="to_notify", page_size=100)["results"]
    ]
    groups = officer.post("notices/preview/", expect=200, items=waiting)
    assert [(group["platform"], len(group["items"])) for group in groups] == [("facebook", 12), ("x", 10)]
    for notice in officer.post("notices/", items=waiting):
        officer.post(f"notices/{notice['reference']}/sender/", expect=200, **story.SENDER)
        officer.post(f"notices/{notice['reference']}/submit/", expect=200)


def sends(officer: Caller) -> None:
    for platform in ("facebook", "x"):
        officer.post(f"notices/{story.notice(platform).reference}/queue/", expect=200)
    assert dispatch.send_due() == 2


def answers(liaison: Caller) -> None:
    own, other = story.notice("facebook").reference, story.notice("x").reference
    assert [notice["reference"] for notice in liaison.get("notices/")["results"]] == [own]
    liaison.get(f"notices/{other}/", expect=404)
    liaison.get(f"notices/{other}/letter.pdf", expect=404)
    liaison.post(f"notices/{own}/acknowledge/", expect=200, platform_reference="FB-77")
    for said in story.ANSWERS:
        liaison.post(f"notices/{own}/answers/", lines=list(said.lines), answer=said.answer, **said.more)


def checks(officer: Caller) -> None:
    for line in story.STILL_LIVE:
        officer.post(f"items/{story.item('x', line).reference}/checks/", verdict="live")
    for seen in story.CHECKS:
        path = f"items/{story.item('facebook', seen.line).reference}"
        exhibit = officer.upload(f"{path}/evidence/", 100 + seen.line, description="As it is now")
        officer.post(f"{path}/checks/", verdict=seen.verdict, cause=seen.cause, exhibit=exhibit["id"])
    for queue, lines in story.DISPUTED.items():
        disputed = officer.get("items/", queue=queue)["results"]
        assert [item["reference"] for item in disputed] == [
            story.item("facebook", line).reference for line in reversed(lines)
        ]


def reads_the_rate(manager: Caller) -> None:
    today = timezone.localdate()
    period = {"from": today - timedelta(days=1), "to": today}
    total = manager.get("figures/", **period)["groups"][0]
    assert total["S02"] == story.EXCLUDED
    assert total["S03"] == {"eligible": story.ELIGIBLE, "outcomes": story.OUTCOMES}
    assert (total["S04"]["numerator"], total["S04"]["denominator"]) == (story.DOWN, story.ELIGIBLE)
    assert tuple(round(bound, 4) for bound in total["S04"]["interval"]) == story.BOUNDS
    assert tuple(round(bound, 4) for bound in total["S06"]["interval"]) == story.BOUNDS_DECIDED
    assert len(manager.get("episodes/", **period)["results"]) == story.NOTIFIED
