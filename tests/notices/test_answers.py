from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.models import Event, Item, ItemStatus, SetAside
from casework.transitions import TransitionNotAllowed
from notices import answers, chasing
from notices.answer_rules import claims_removal
from notices.models import Answer, Line, Notice
from tests.notices.letters_at import Desk, ago


def lines_of(notice: Notice) -> list[Line]:
    return list(notice.lines.order_by("position"))


def test_lines_are_answered_one_by_one(desk: Desk) -> None:
    notice = desk.sent(lines=3, at=ago(hours=2))
    first, second, third = lines_of(notice)
    effective = ago(hours=1)

    answers.answer_line(
        first,
        answer="removed",
        effective_at=effective,
        platform_reference="T-1",
        source="portal",
        by=desk.liaison,
    )
    notice.refresh_from_db()
    part = notice.status
    answers.answer_line(second, answer="refused", refusal_code="jurisdiction", source="api", by=desk.liaison)
    answers.answer_line(third, answer="more_information", note="Which one?", source="api", by=desk.liaison)

    notice.refresh_from_db()
    assert (part, notice.status, notice.platform_reference) == ("part_answered", "answered", "T-1")
    assert [(line.answer, line.refusal_code) for line in lines_of(notice)] == [
        ("removed", ""),
        ("refused", "jurisdiction"),
        ("more_information", ""),
    ]
    assert list(Item.objects.order_by("pk").values_list("claim", "claims_removal")) == [
        ("removed", True),
        ("refused", False),
        ("more_information", False),
    ]
    assert Answer.objects.get(line=first).effective_at == effective
    assert list(
        Event.objects.filter(notice=notice.reference, actor=desk.liaison)
        .order_by("pk")
        .values_list("kind", flat=True)
    ) == [
        "notice.line_answered",
        "notice.part_answered",
        "notice.line_answered",
        "notice.line_answered",
        "notice.answered",
    ]


def test_many_lines_of_many_notices_at_once(desk: Desk) -> None:
    one, two = desk.sent(lines=2), desk.sent(lines=1)
    chosen = [*lines_of(one), *lines_of(two)]

    given = answers.answer_lines(chosen, answer="account_suspended", source="portal", by=desk.liaison)

    assert len(given) == 3
    assert set(Notice.objects.values_list("status", flat=True)) == {"answered"}
    assert Event.objects.filter(kind="notice.line_answered").count() == 3


def test_all_or_none(desk: Desk) -> None:
    good, bad = desk.sent(lines=1), desk.sent(lines=1)
    answers.withdraw(bad, reason="Wrong page", by=desk.second)

    with pytest.raises(TransitionNotAllowed, match=f"{bad.reference} is withdrawn"):
        answers.answer_lines(
            [*lines_of(good), *lines_of(bad)], answer="removed", source="api", by=desk.liaison
        )

    assert Answer.objects.count() == 0


def test_the_latest_answer_counts_whatever_the_order(desk: Desk) -> None:
    notice = desk.sent(lines=1, at=ago(days=2))
    [line] = lines_of(notice)
    answers.answer_line(line, answer="reinstated", source="api", at=ago(hours=1), by=desk.liaison)

    answers.answer_line(line, answer="removed", source="on_behalf", at=ago(hours=5), by=desk.first)

    line.refresh_from_db()
    assert (line.answer, line.item.claim, line.item.claims_removal) == ("reinstated", "reinstated", False)
    assert Answer.objects.filter(line=line).count() == 2


def test_a_liaison_of_another_platform_is_refused(desk: Desk) -> None:
    notice = desk.sent(platform="facebook")

    with pytest.raises(PermissionDenied):
        answers.answer_lines(lines_of(notice), answer="removed", source="portal", by=desk.liaison)
    with pytest.raises(PermissionDenied):
        answers.acknowledge(notice, by=desk.liaison)
    with pytest.raises(PermissionDenied):
        answers.clarify(notice, reason="What?", by=desk.liaison)

    assert Answer.objects.count() == 0


def test_what_an_officer_enters_is_marked_on_behalf(desk: Desk) -> None:
    notice = desk.sent(lines=1)

    given = answers.answer_line(lines_of(notice)[0], answer="removed", source="portal", by=desk.first)

    assert (given.source, given.by_name) == ("on_behalf", desk.first.name)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answer": "refused"}, "refusal_code"),
        ({"answer": "refused", "refusal_code": "because"}, "refusal_code"),
        ({"answer": "removed", "refusal_code": "jurisdiction"}, "refusal_code"),
        ({"answer": "gone"}, "answer"),
        ({"answer": "removed", "territories": ["GB"]}, "territories"),
        ({"answer": "access_disabled", "territories": ["GBR"]}, "territories"),
        ({"answer": "removed", "at": timezone.now() + timedelta(days=1)}, "at"),
        ({"answer": "removed", "at": timezone.now() - timedelta(days=9)}, "at"),
        ({"answer": "removed", "effective_at": timezone.now() + timedelta(days=1)}, "effective_at"),
    ],
)
def test_wrong_answers_are_refused_by_field(wrong: dict[str, object], field: str, desk: Desk) -> None:
    notice = desk.sent(lines=1)

    with pytest.raises(ValidationError) as refused:
        answers.answer_line(lines_of(notice)[0], source="portal", by=desk.liaison, **wrong)

    assert list(refused.value.message_dict) == [field]
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "territories", "claims"),
    [
        ("removed", [], True),
        ("account_suspended", [], True),
        ("account_terminated", [], True),
        ("already_gone", [], True),
        ("access_disabled", [], True),
        ("access_disabled", ["GB"], False),
        ("restricted_geo", ["GB"], False),
        ("not_found_by_platform", [], False),
        ("refused", [], False),
    ],
)
def test_which_answers_claim_a_removal(answer: str, territories: list[str], claims: bool) -> None:
    assert claims_removal(answer, territories) is claims


def test_acknowledging_moves_only_when_a_person_does_it(desk: Desk) -> None:
    notice = desk.sent(at=ago(hours=1))
    expected = timezone.now() + timedelta(days=1)

    answers.acknowledge(notice, automatic=True, by=desk.liaison)
    automatic = notice.status, notice.acknowledged_at
    at = ago(minutes=5)
    answers.acknowledge(notice, expected_at=expected, platform_reference="T-9", at=at, by=desk.liaison)

    assert automatic == ("sent", None)
    assert (notice.status, notice.acknowledged_at, notice.expected_at, notice.platform_reference) == (
        "acknowledged", at, expected, "T-9",
    )  # fmt: skip
    assert sorted(notice.acknowledgements.values_list("automatic", flat=True)) == [False, True]


def test_a_question_stops_the_clock_until_the_reply(desk: Desk) -> None:
    notice = desk.sent(at=ago(hours=40))
    due = notice.due_at
    answers.clarify(notice, reason="Which account?", at=ago(hours=30), by=desk.liaison)

    silent = chasing.note_silence(due + timedelta(days=30))
    answers.reply(notice, reason="The first one", at=ago(hours=10), by=desk.first)

    assert silent == 0
    assert notice.status == "sent"
    assert notice.due_at - due == pytest.approx(timedelta(hours=20), abs=timedelta(seconds=1))


def test_an_answer_ends_an_open_question(desk: Desk) -> None:
    notice = desk.sent(lines=2, at=ago(hours=40))
    due = notice.due_at
    answers.clarify(notice, reason="Which account?", at=ago(hours=30), by=desk.liaison)

    answers.answer_line(
        lines_of(notice)[0], answer="removed", at=ago(hours=20), source="api", by=desk.liaison
    )

    notice.refresh_from_db()
    assert notice.status == "part_answered"
    assert notice.due_at - due == pytest.approx(timedelta(hours=10), abs=timedelta(seconds=1))


def test_silence_is_noted_after_the_grace_and_a_late_answer_accepted(desk: Desk) -> None:
    notice = desk.sent(lines=1, at=ago(days=20))

    before = chasing.note_silence(notice.due_at + chasing.GRACE)
    after = chasing.note_silence(notice.due_at + chasing.GRACE + timedelta(seconds=1))
    again = chasing.note_silence()

    notice.refresh_from_db()
    assert (before, after, again, notice.status) == (0, 1, 0, "no_response")
    answers.answer_line(lines_of(notice)[0], answer="removed", source="portal", by=desk.liaison)
    notice.refresh_from_db()
    assert notice.status == "answered"


def test_withdrawing_sets_the_items_aside(desk: Desk) -> None:
    notice = desk.sent(lines=2)

    answers.withdraw(notice, reason="Wrong network", by=desk.second)

    assert notice.status == "withdrawn"
    assert set(Item.objects.values_list("status", flat=True)) == {ItemStatus.APPROVED}
    assert list(SetAside.objects.values_list("kind", "reason")) == [("withdrawn", "Wrong network")] * 2


def test_closing_needs_an_end_and_a_reason(desk: Desk) -> None:
    notice = desk.sent(lines=1)

    with pytest.raises(TransitionNotAllowed):
        answers.close(notice, reason="Done", by=desk.second)
    answers.answer_line(lines_of(notice)[0], answer="removed", source="portal", by=desk.liaison)
    with pytest.raises(TransitionNotAllowed, match="Give a reason"):
        answers.close(notice, reason=" ", by=desk.second)
    answers.close(notice, reason="Done", by=desk.second)

    assert (notice.status, notice.closed_by) == ("closed", desk.second)


def test_a_reinstatement_is_recorded_after_closing(desk: Desk) -> None:
    notice = desk.sent(lines=1)
    [line] = lines_of(notice)
    answers.answer_line(line, answer="removed", source="portal", by=desk.liaison)
    answers.close(notice, reason="Done", by=desk.second)

    answers.answer_line(line, answer="reinstated", source="portal", by=desk.liaison)

    notice.refresh_from_db()
    line.refresh_from_db()
    assert (notice.status, line.answer) == ("closed", "reinstated")


def test_permission_is_checked_without_a_query_per_line(desk: Desk) -> None:
    counts = []
    for lines in (1, 3):
        notice = desk.sent(lines=lines)
        with CaptureQueriesContext(connection) as seen:
            answers.answer_lines(lines_of(notice), answer="removed", source="portal", by=desk.liaison)
        counts.append(sum("accounts_user" in query["sql"] or "platforms_" in query["sql"] for query in seen))

    assert counts[0] == counts[1]
