"""A platform's ladder: its record, the step to the next rung, and when it is used up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from casework.lifecycle import move
from casework.models import Episode, Event, Item
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from notices import answers, dispatch, drafting, escalation, ladder, letters
from notices.ladder import Step
from notices.models import Notice
from platforms.models import Channel, Language, Platform
from tests.notices.letters_at import Desk, ago

HEAD = "Head of trust and safety"


@pytest.fixture
def rungs(db: None) -> list[Channel]:
    """X's portal on the first step, its head by mail on the second, from two days later on."""
    portal = Channel.objects.get(platform__slug="x")
    head = Channel.objects.create(
        platform=portal.platform,
        kind="mail",
        address="head@x.example",
        rung=2,
        addressee=HEAD,
        after_hours=48,
    )
    return [portal, head]


def x() -> Platform:
    return Platform.objects.get(slug="x")


# -- The record --------------------------------------------------------------------------------------------


def test_a_ladder_is_changed_and_the_change_recorded(rungs: list[Channel], manager: User) -> None:
    portal, head = rungs
    wanted = [Step(head, 1, HEAD, 0, 10), Step(portal, 2, "Duty desk", 24)]

    made = ladder.change(x(), wanted, by=manager)

    assert [(step.channel, step.rung, step.addressee, step.after_hours, step.per_hour) for step in made] == [
        (head, 1, HEAD, 0, 10),
        (portal, 2, "Duty desk", 24, None),
    ]
    assert [(rung.number, rung.channels) for rung in ladder.rungs(x())] == [(1, (head,)), (2, (portal,))]
    assert sentence(Event.objects.get(kind="ladder.changed")) == (
        f"changed the ladder of X from 1: Portal; 2: E-mail head@x.example ({HEAD}) "
        f"to 1: E-mail head@x.example ({HEAD}); 2: Portal (Duty desk)."
    )


def test_two_of_a_kind_change_places(rungs: list[Channel], manager: User) -> None:
    _, head = rungs
    desk = Channel.objects.create(platform=x(), kind="mail", address="desk@x.example", rung=1)
    portal = rungs[0]

    ladder.change(x(), [Step(portal, 1), Step(head, 1), Step(desk, 2)], by=manager)

    assert [[c.address for c in rung.channels] for rung in ladder.rungs(x())] == [
        ["", "head@x.example"],
        ["desk@x.example"],
    ]


@pytest.mark.parametrize(
    ("places", "field"),
    [
        ([(0, 1, 0)], "steps"),
        ([(0, 1, 0), (0, 2, 0)], "steps"),
        ([(0, 1, 0), (1, 3, 0)], "steps"),
        ([(0, 2, 0), (1, 3, 0)], "steps"),
        ([(0, 1, 5), (1, 2, 0)], "after_hours_0"),
    ],
)
def test_a_ladder_has_every_channel_once_and_no_gap(
    places: list[tuple[int, int, int]], field: str, rungs: list[Channel], manager: User
) -> None:
    wanted = [Step(rungs[index], rung, after_hours=hours) for index, rung, hours in places]

    with pytest.raises(ValidationError) as refused:
        ladder.change(x(), wanted, by=manager)

    assert list(refused.value.message_dict) == [field.replace("_0", f"_{rungs[0].pk}")]
    assert Event.objects.filter(kind="ladder.changed").count() == 0


def test_alternatives_on_a_step_differ_in_kind_or_language(rungs: list[Channel], manager: User) -> None:
    portal, head = rungs
    other = Channel.objects.create(platform=x(), kind="mail", address="b@x.example", rung=1)

    with pytest.raises(ValidationError) as refused:
        ladder.change(x(), [Step(portal, 1), Step(head, 2), Step(other, 2)], by=manager)

    assert list(refused.value.message_dict) == [f"rung_{other.pk}"]


def test_only_a_manager_sets_the_ladder(rungs: list[Channel], reviewer: User, administrator: User) -> None:
    for person in (reviewer, administrator):
        with pytest.raises(PermissionDenied):
            ladder.change(x(), [Step(each, each.rung) for each in rungs], by=person)


def test_the_page_shows_and_saves_it(
    rungs: list[Channel], manager: User, signed_in: Callable[[User], Client]
) -> None:
    portal, head = rungs
    client = signed_in(manager)
    sent = {f"rung_{portal.pk}": 2, f"after_hours_{portal.pk}": 3, f"addressee_{portal.pk}": "Desk",
            f"rung_{head.pk}": 1, f"after_hours_{head.pk}": 0, f"per_hour_{head.pk}": 60}  # fmt: skip

    shown = client.get("/platforms/x/ladder/")
    gap = client.post("/platforms/x/ladder/", {**sent, f"rung_{portal.pk}": 3})
    saved = client.post("/platforms/x/ladder/", sent)

    assert HEAD in shown.content.decode()
    assert (gap.status_code, "without a gap" in gap.content.decode()) == (422, True)
    assert (saved.status_code, saved["Location"]) == (302, "/platforms/x/")
    assert list(
        Channel.objects.filter(platform=x()).values_list("rung", "after_hours", "per_hour", "addressee")
    ) == [
        (1, 0, 60, ""),
        (2, 3, None, "Desk"),
    ]


def test_the_api_reads_and_sets_it(
    rungs: list[Channel], manager: User, api: Callable[[User], APIClient]
) -> None:
    portal, head = rungs
    client = api(manager)
    steps = [{"channel": head.pk, "rung": 1}, {"channel": portal.pk, "rung": 2, "after_hours": 12}]

    before = client.get("/api/v1/ladders/x/").json()
    after = client.post("/api/v1/ladders/x/change/", {"steps": steps})
    wrong = client.post("/api/v1/ladders/x/change/", {"steps": [*steps, {"channel": 0, "rung": "a"}]})

    assert [(step["channel"], step["rung"], step["addressee"]) for step in before["steps"]] == [
        (portal.pk, 1, ""),
        (head.pk, 2, HEAD),
    ]
    assert (after.status_code, after.json() == client.get("/api/v1/ladders/x/").json()) == (200, True)
    assert [step["channel"] for step in after.json()["steps"]] == [head.pk, portal.pk]
    assert wrong.status_code == 400


# -- To the next step --------------------------------------------------------------------------------------


def refused(desk: Desk, *, at: Any) -> Notice:
    """Two lines, of which the platform refuses both."""
    notice = desk.sent(lines=2, at=at)
    answers.answer_lines(list(notice.lines.all()), answer="refused", refusal_code="no_policy_breach", source="portal",
                         by=desk.liaison)  # fmt: skip
    notice.refresh_from_db()
    return notice


def test_an_escalation_goes_to_the_next_step_about_what_is_still_up(desk: Desk, rungs: list[Channel]) -> None:
    notice = refused(desk, at=ago(hours=50))
    gone, still = Item.objects.order_by("pk")
    Item.objects.filter(pk=gone.pk).update(status="watching", presence="gone", gone_at=ago(hours=1))

    made = escalation.escalate(notice, by=desk.first)

    assert (made.kind, made.follows, made.channel, made.status) == ("escalation", notice, rungs[1], "draft")
    assert [line.item for line in made.lines.select_related("item")] == [still]
    assert f"takes up our notice {notice} again" in letters.compose(made).body


def test_an_escalation_leaves_without_a_second_episode(desk: Desk, rungs: list[Channel]) -> None:
    notice = refused(desk, at=ago(hours=50))
    before = list(Episode.objects.order_by("pk").values_list("item", "number", "t0"))

    sent = send(desk, escalation.escalate(notice, by=desk.first))

    assert sent.status == "sent"
    assert list(Episode.objects.order_by("pk").values_list("item", "number", "t0")) == before
    assert set(Item.objects.values_list("status", flat=True)) == {"notified"}


def send(desk: Desk, made: Notice) -> Notice:
    sender = {"organisation": "Centre", "name": "Desk", "email": "desk@centre.example", "good_faith": True}
    drafting.set_sender(made, **sender, by=desk.first)
    drafting.submit(made, by=desk.first)
    drafting.approve(made, by=desk.second)
    dispatch.queue(made, by=desk.first)
    assert dispatch.send_due() == 1
    made.refresh_from_db()
    return made


def test_a_bounced_escalation_leaves_the_items_notified_by_the_closed_notice(
    desk: Desk, rungs: list[Channel]
) -> None:
    notice = refused(desk, at=ago(hours=50))
    answers.close(notice, reason="Nothing more", by=desk.second)
    sent = send(desk, escalation.escalate(notice, by=desk.first))

    dispatch.delivery_failed(sent, reason="550", by=desk.first)

    assert set(Item.objects.values_list("status", flat=True)) == {"notified"}


def test_the_next_step_opens_after_its_hours(desk: Desk, rungs: list[Channel]) -> None:
    notice = refused(desk, at=ago(hours=47))

    with pytest.raises(TransitionNotAllowed, match="Step 2 may be used from"):
        escalation.escalate(notice, by=desk.first)
    assert (
        escalation.escalate(notice, by=desk.first, at=notice.received_at + timedelta(hours=48)).channel
        == rungs[1]
    )


def test_what_cannot_be_escalated(desk: Desk, rungs: list[Channel]) -> None:
    with pytest.raises(TransitionNotAllowed, match="only what has left can be escalated"):
        escalation.escalate(desk.approved(lines=1), by=desk.first)

    notice = refused(desk, at=ago(hours=50))
    escalation.escalate(notice, by=desk.first)
    with pytest.raises(TransitionNotAllowed, match="already"):
        escalation.escalate(notice, by=desk.first)
    Item.objects.update(status="watching", presence="gone", gone_at=ago(hours=1))
    with pytest.raises(TransitionNotAllowed, match="asked for is still up"):
        escalation.escalate(notice, by=desk.first)
    Channel.objects.filter(pk=rungs[1].pk).update(is_current=False)
    with pytest.raises(TransitionNotAllowed, match="stands on the last step"):
        escalation.escalate(notice, by=desk.first)


def test_the_step_takes_the_channel_of_the_notices_language(desk: Desk, rungs: list[Channel]) -> None:
    french = Channel.objects.create(
        platform=x(), kind="mail", address="tete@x.example", rung=2, language=Language.FRENCH
    )
    notice = refused(desk, at=ago(hours=50))
    Notice.objects.filter(pk=notice.pk).update(language="fr")

    assert escalation.escalate(notice, by=desk.first).channel == french


def test_an_item_is_given_up_only_at_the_top_of_the_ladder(
    desk: Desk, rungs: list[Channel], manager: User
) -> None:
    notice = refused(desk, at=ago(hours=50))
    answers.close(notice, reason="Nothing more", by=desk.second)
    item = Item.objects.first()

    with pytest.raises(TransitionNotAllowed) as said:
        move(item, "give_up", reason="They never answer", by=manager)
    assert said.value.message == (
        f"Step 2 of X's ladder ({HEAD}) has not been used about {item}: escalate first."
    )

    sent = send(desk, escalation.escalate(notice, by=desk.first))
    answers.answer_lines(list(sent.lines.all()), answer="refused", refusal_code="no_policy_breach", source="portal",
                         by=desk.liaison)  # fmt: skip
    sent.refresh_from_db()
    answers.close(sent, reason="Nothing more", by=desk.second)
    assert move(item, "give_up", reason="They never answer", by=manager).closed_as == "not_removed"


def test_the_page_drafts_it_or_says_why_not(
    desk: Desk, rungs: list[Channel], signed_in: Callable[[User], Client]
) -> None:
    early, ripe = refused(desk, at=ago(hours=1)), refused(desk, at=ago(hours=50))
    client = signed_in(desk.first)

    said = client.get(f"/notices/{early}/escalate/").content.decode()
    offered = client.get(f"/notices/{ripe}/escalate/").content.decode()
    made = client.post(f"/notices/{ripe}/escalate/")

    assert "It cannot be escalated now" in said
    assert HEAD in offered
    later = Notice.objects.get(kind="escalation")
    assert made["Location"] == f"/notices/{later}/"
    assert f"/notices/{later}/" in client.get(f"/notices/{ripe}/").content.decode()
