"""One history by hand per outcome, exclusion and answer of S05. T0 is 5 January 2026, 12:00 UTC."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from casework import events
from casework.models import Item
from notices.models import Notice
from reports.facts import Episode, episodes, line, printed
from reports.periods import Period
from tests.reports.conftest import Records, answer, check, item, notice, scope

Ask = Callable[..., list[Episode]]
REFUSED = {"refusal_code": "no_policy_breach"}
AUTO = {"method": "automatic"}


def at(day: int, hour: int = 12, minute: int = 0, *, month: int = 1) -> str:
    return f"2026-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:00Z"


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


OUTCOMES: list[tuple[str, str, Records]] = [
    ("person_confirms", "DOWN_UNATTRIBUTED", [check(at(6), "gone")]),
    ("account_gone", "DOWN_UNATTRIBUTED", [check(at(6), "account_gone")]),
    ("two_automatic_looks", "DOWN_UNATTRIBUTED",
     [check(at(6), "gone", **AUTO), check(at(6, 13), "gone", **AUTO)]),
    ("looks_too_close", "UNKNOWN", [check(at(6), "gone", **AUTO), check(at(6, 12, 59), "gone", **AUTO)]),
    ("one_automatic_look", "PENDING", [check(at(5, 13), "live"), check(at(6), "gone", **AUTO)]),
    ("unsure_looks", "UNKNOWN", [check(at(d), "gone", confidence="medium", **AUTO) for d in (6, 7, 8)]),
    ("live_between_looks", "PENDING",
     [check(at(6), "gone", **AUTO), check(at(7), "live"), check(at(8), "gone", **AUTO)]),
    ("no_observation_between", "DOWN_UNATTRIBUTED",
     [check(at(6), "gone", **AUTO), check(at(7), "private"), check(at(8), "gone", **AUTO)]),
    ("platform_claims", "DOWN_PLATFORM_VERIFIED", [answer(at(6), "removed"), check(at(7), "gone")]),
    ("page_says_policy", "DOWN_PLATFORM_VERIFIED", [check(at(7), "gone", cause="platform_policy")]),
    ("page_says_suspended", "DOWN_PLATFORM_VERIFIED",
     [check(at(7), "account_gone", cause="account_suspended")]),
    ("refused_then_gone", "DOWN_UNATTRIBUTED", [answer(at(6), "refused", **REFUSED), check(at(7), "gone")]),
    ("page_beats_claim", "DOWN_UPLOADER", [answer(at(6), "removed"), check(at(7), "gone", cause="author")]),
    ("unknown_cause_is_none", "DOWN_PLATFORM_VERIFIED",
     [answer(at(6), "account_terminated"), check(at(7), "gone", cause="unknown")]),
    ("back_again", "REINSTATED", [check(at(6), "gone"), check(at(9), "live")]),
    ("back_and_gone_again", "DOWN_UNATTRIBUTED",
     [check(at(d), v) for d, v in ((6, "gone"), (9, "live"), (12, "gone"))]),
    ("unconfirmed_then_live", "PENDING", [check(at(6), "gone", **AUTO), check(at(9), "live")]),
    ("geo_blocked", "RESTRICTED_UK", [check(at(6), "geo_blocked")]),
    ("geo_blocked_elsewhere", "PENDING", [check(at(6), "geo_blocked", vantage="FR")]),
    ("geo_blocked_then_live_abroad", "RESTRICTED_UK",
     [check(at(6), "geo_blocked"), check(at(7), "live", vantage="FR")]),
    ("geo_blocked_whatever_is_claimed", "RESTRICTED_UK",
     [answer(at(6), "removed"), check(at(7), "geo_blocked"), check(at(8), "live", vantage="FR")]),
    ("geo_blocked_then_live_at_home", "PENDING", [check(at(6), "geo_blocked"), check(at(7), "live")]),
    ("said_removed_but_restricted", "CONTRADICTED", [answer(at(6), "removed"), check(at(7), "restricted")]),
    ("said_removed_and_changed", "LIMITED", [answer(at(6), "removed"), check(at(7), "changed")]),
    ("said_removed", "REPORTED_DOWN_UNVERIFIED", [check(at(5, 13), "live"), answer(at(6), "removed")]),
    ("already_gone_is_a_claim", "REPORTED_DOWN_UNVERIFIED", [answer(at(6), "already_gone")]),
    ("disabled_everywhere", "REPORTED_DOWN_UNVERIFIED", [answer(at(6), "access_disabled")]),
    ("login_wall_is_no_look", "REPORTED_DOWN_UNVERIFIED",
     [answer(at(6), "removed"), check(at(7), "login_required")]),
    ("said_removed_but_live", "CONTRADICTED", [answer(at(6), "removed"), check(at(7), "live")]),
    ("changed", "LIMITED", [check(at(7), "changed")]),
    ("restricted", "LIMITED", [check(at(7), "restricted")]),
    ("labelled", "LIMITED", [answer(at(6), "labelled"), check(at(7), "live")]),
    ("disabled_somewhere", "LIMITED",
     [answer(at(6), "access_disabled", territories=["FR"]), check(at(7), "live")]),
    ("refused", "REFUSED", [answer(at(6), "refused", **REFUSED), check(at(7), "live")]),
    ("refused_unseen", "REFUSED", [answer(at(6), "refused", **REFUSED)]),
    ("removed_then_reinstated", "REFUSED",
     [answer(at(6), "removed"), answer(at(8), "reinstated"), check(at(9), "live")]),
    ("wrong_channel_is_undecided", "PENDING",
     [answer(at(6), "refused", refusal_code="wrong_channel"), check(at(7), "live")]),
    ("question_is_undecided", "UNKNOWN", [answer(at(6), "more_information")]),
    ("no_response", "PENDING", [check(at(7), "live")]),
    ("acknowledged_only", "UNKNOWN",
     [{"type": "acknowledged", "notice": "n1", "at": at(6), "automatic": False}]),
    ("private_only", "UNKNOWN",
     [check(at(7), "private"), check(at(8), "inconclusive"), check(at(9), "redirected")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "records"), [case[1:] for case in OUTCOMES], ids=[case[0] for case in OUTCOMES]
)
def test_outcome(ask: Ask, outcome: str, records: Records) -> None:
    (row,) = ask([item(), notice(), *records])

    assert (row.exclusion, row.outcome) == (None, outcome)


def hold(since: str, until: str | None) -> dict[str, Any]:
    return {"type": "hold", "item": "i1", "from": since, "until": until, "authority": "Operation desk"}


def withdrawn(when: str, **more: Any) -> dict[str, Any]:
    return {"type": "withdrawn", "item": "i1", "at": when, **more}


INVALID = {
    "type": "invalid",
    "item": "i1",
    "at": at(7),
    "reason": "wrong_channel",
    "confirmed_by": "Reviewer",
}
FAILED = {"type": "delivery_failed", "notice": "n1", "at": at(5, 12, 5), "reason": "bounced"}
OLD = item(at="2026-01-01T09:00:00Z")

EXCLUSIONS: list[tuple[str, list[str | None], Records]] = [
    ("withdrawn", ["X1"], [item(), notice(), withdrawn(at(7))]),
    ("withdrawn_after_refusal", [None],
     [item(), notice(), answer(at(6), "refused", **REFUSED), withdrawn(at(7))]),
    ("withdrawn_recorded_after_refusal", [None],
     [item(), notice(), answer(at(8), "refused", **REFUSED), withdrawn(at(7), recorded_at=at(9))]),
    ("withdrawn_after_question", ["X1"],
     [item(), notice(), answer(at(6), "more_information"), withdrawn(at(7))]),
    ("notified_twice", [None, "X2"], [item(), notice(), notice(at(8), ref="n2")]),
    ("chased", [None], [item(), notice(), notice(at(8), ref="n2", kind="chaser")]),
    ("escalated", [None], [item(), notice(), notice(at(8), ref="n2", kind="escalation")]),
    ("notified_again_after_return", [None, None],
     [item(), notice(), check(at(6), "gone"), check(at(9), "live"), notice(at(9, 13), ref="n2")]),
    ("notified_again_after_withdrawal", ["X1", None],
     [item(), notice(), withdrawn(at(7)), check(at(8), "live"), notice(at(8, 13), ref="n2")]),
    ("withdrawn_again_after_an_ended_episode", [None, "X1"],
     [item(), notice(), answer(at(5, 13), "removed"), withdrawn(at(5, 14)),
      notice(at(8), ref="n2"), withdrawn(at(9))]),
    ("notified_again_after_failure", ["X5", None], [item(), notice(), FAILED, notice(at(5, 13), ref="n2")]),
    ("invalid", ["X3"], [item(), notice(), INVALID]),
    ("gone_at_presend_look", ["X4"], [item(), check(at(5, 11, 45), "gone"), notice()]),
    ("not_seen_live_lately", ["X4"], [OLD, notice()]),
    ("seen_live_a_day_before", [None], [OLD, check(at(4), "live"), notice()]),
    ("seen_live_longer_before", ["X4"], [OLD, check(at(4, 11, 59), "live"), notice()]),
    ("seen_live_after", [None], [OLD, notice(), check(at(6), "live")]),
    ("gone_at_first_look", ["X4"], [OLD, notice(), check(at(6), "gone")]),
    ("bounced", ["X5"], [item(), notice(), FAILED]),
    ("bounced_within_a_day_of_receipt", ["X5"], [item(), notice(), FAILED | {"at": at(6)}]),
    ("bounced_later", [None], [item(), notice(), FAILED | {"at": at(6, 12, 1)}, check(at(7), "live")]),
    ("bounced_later_without_receipt", ["X5"],
     [item(), notice(received_at=None), FAILED | {"at": at(9)}, check(at(10), "live")]),
    ("notified_again_after_gone_at_t0", [None, None],
     [item(), notice(received_at=at(5, 13)), check(at(5, 13), "gone"), check(at(6), "live"),
      notice(at(6, 13), ref="n2")]),
    ("notified_a_third_time_while_gone_since_the_first", [None, None, "X4"],
     [item(), notice(), check(at(6), "live"), notice(at(6, 13), ref="n2", received_at=at(6, 16)),
      check(at(6, 14), "gone"), check(at(6, 18), "gone"), notice(at(6, 20), ref="n3")]),
    ("held_now", ["X6"], [item(), notice(), hold(at(7), None)]),
    ("held_at_notice_and_now", ["X6"], [item(), notice(), hold(at(4), None)]),
    ("held_for_a_while", [None], [item(), notice(), hold(at(7), at(9))]),
    ("first_in_order", ["X1"], [item(), notice(), FAILED, INVALID, withdrawn(at(6)), hold(at(6), None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "records"), [case[1:] for case in EXCLUSIONS], ids=[c[0] for c in EXCLUSIONS]
)
def test_exclusion(ask: Ask, expected: list[str | None], records: Records) -> None:
    rows = ask(records)

    assert [row.exclusion for row in rows] == expected
    assert [row.outcome is None for row in rows] == [code is not None for code in expected]


WITHIN_24H: list[tuple[str, str, Records]] = [
    ("gone_in_time", "yes", [check(at(6, 11), "gone")]),
    ("gone_at_the_deadline", "yes", [check(at(6), "gone")]),
    ("confirmed_after_deadline", "yes", [check(at(6, 11), "gone", **AUTO), check(at(6, 14), "gone", **AUTO)]),
    ("seen_gone_late", "indeterminate", [check(at(6, 13), "gone")]),
    ("seen_gone_late_live_after_deadline", "no", [check(at(6, 12, 30), "live"), check(at(6, 13), "gone")]),
    ("claimed_time_fits", "yes",
     [check(at(6, 10), "live"), answer(at(6, 13), "removed", effective_at=at(6, 11)),
      check(at(6, 14), "gone")]),
    ("claimed_time_contradicted", "indeterminate",
     [check(at(6, 10), "live"), answer(at(6, 13), "removed", effective_at=at(6, 9)),
      check(at(6, 14), "gone")]),
    ("said_but_not_seen", "indeterminate", [answer(at(6), "removed", effective_at=at(6))]),
    ("live_at_the_deadline", "no", [check(at(6), "live")]),
    ("blocked_at_the_deadline", "no", [check(at(6), "geo_blocked")]),
    ("live_before_only", "indeterminate", [check(at(6, 11), "live")]),
    ("uploader_in_time", "no", [check(at(6, 11), "gone", cause="author")]),
    ("back_before_deadline", "indeterminate", [check(at(5, 14), "gone"), check(at(6, 11), "live")]),
    ("back_after_deadline", "yes", [check(at(5, 14), "gone"), check(at(6, 13), "live")]),
    ("held_inside", "held", [hold(at(6, 10), at(6, 11)), check(at(6, 11, 30), "gone")]),
    ("held_from_the_deadline", "held", [hold(at(6), at(7)), check(at(6, 11), "gone")]),
    ("held_since_after_the_deadline", "yes", [check(at(6, 11), "gone"), hold(at(6, 12, 1), None)]),
    ("held_after_deadline", "yes", [check(at(6, 11), "gone"), hold(at(6, 12, 1), at(7))]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "records"), [case[1:] for case in WITHIN_24H], ids=[c[0] for c in WITHIN_24H]
)
def test_within_a_day(ask: Ask, expected: str, records: Records) -> None:
    (row,) = ask([item(), notice(), *records])

    assert row.within["24h"] == expected


def test_windows_that_have_not_elapsed_are_immature_whatever_came_of_them(ask: Ask) -> None:
    (row,) = ask([item(), notice(), check(at(5, 13), "gone")], as_at=at(7))

    assert row.within == {"1h": "yes", "24h": "yes", "48h": "yes", "7d": "immature", "28d": "immature"}


TIMES: list[tuple[str, tuple[str, str | None, str | None], Records]] = [
    ("never_gone", (at(7), None, None), [check(at(7), "live")]),
    ("seen_before_only", ("2026-01-05T11:30:00Z", None, None), []),
    ("between_looks", (at(6), at(7), at(7)), [check(at(6), "live"), check(at(7), "gone")]),
    ("claimed_time", (at(6), at(8), at(7)),
     [check(at(6), "live"), answer(at(9), "removed", effective_at=at(7)), check(at(8), "gone")]),
    ("earliest_time_that_fits", (at(6), at(9), at(7)),
     [check(at(6), "live"), check(at(9), "gone"), answer(at(10), "removed", effective_at=at(5)),
      answer(at(11), "removed", effective_at=at(8)), answer(at(12), "removed", effective_at=at(7))]),
    ("back_again", (at(9), None, None), [check(at(7), "gone"), check(at(9), "live")]),
    ("person_minutes_after_a_machine", ("2026-01-05T11:30:00Z", at(6), at(6)),
     [check(at(6, 11, 48), "gone", **AUTO), check(at(6), "gone")]),
    ("person_hours_after_a_machine", ("2026-01-05T11:30:00Z", at(6, 9), at(6, 9)),
     [check(at(6, 9), "gone", **AUTO), check(at(6), "gone")]),
    ("first_of_agreeing_looks", ("2026-01-05T11:30:00Z", at(6), at(6)),
     [check(at(6), "gone", **AUTO), check(at(8), "gone", **AUTO)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "records"), [case[1:] for case in TIMES], ids=[case[0] for case in TIMES]
)
def test_times(ask: Ask, expected: tuple[str | None, ...], records: Records) -> None:
    (row,) = ask([item(), notice(), *records])

    assert (row.last_live_at, row.first_gone_at, row.removed_at) == tuple(map(instant, expected))


@pytest.mark.parametrize(
    ("holds", "t0"),
    [
        ([hold(at(4), at(7))], at(7)),
        ([hold(at(4), at(5))], at(5)),  # released exactly at T0: outside
        ([hold(at(4), at(7)), hold(at(6), at(9))], at(9)),
        ([hold(at(4), at(7)), hold(at(7), at(8))], at(8)),
        ([hold(at(4), at(6)), hold(at(7), at(8))], at(6)),
    ],
)
def test_hold_before_t0_moves_it_to_the_release(ask: Ask, holds: Records, t0: str) -> None:
    (row,) = ask([item(), notice(), *holds, check(at(10), "live")])

    assert (row.t0, row.exclusion) == (instant(t0), None)


def test_receipt_is_t0_and_without_it_the_sending(ask: Ask) -> None:
    rows = ask(
        [item(), item("i2"), notice(received_at=at(5, 15)), notice(at(6), "i2", ref="n2", received_at=None)]
    )

    assert [(row.ref, row.t0, row.t0_basis) for row in rows] == [
        ("i1", instant(at(5, 15)), "received"),
        ("i2", instant(at(6)), "sent"),
    ]


def test_what_was_recorded_later_changes_nothing_known_before(ask: Ask) -> None:
    records = [item(), notice(), check(at(6), "live"), check(at(7), "gone", recorded_at=at(5, month=3))]

    before = ask(records)
    after = list(episodes(scope(known_by=at(6, month=3))))

    assert [row.outcome for row in before + after] == ["PENDING", "DOWN_UNATTRIBUTED"]


def test_what_happened_after_the_as_at_is_not_seen(ask: Ask) -> None:
    records = [item(), notice(), check(at(6), "live"), check(at(9), "gone"), notice(at(10), ref="n2")]

    (row,) = ask(records, as_at=at(8))

    assert (row.outcome, row.first_gone_at) == ("PENDING", None)


def test_episode_ends_where_the_next_begins(ask: Ask) -> None:
    first = [item(), notice(), check(at(6), "gone"), check(at(9), "live")]
    second = [notice(at(9, 13), ref="n2"), answer(at(10), "removed", to="n2"), check(at(11), "gone")]

    rows = ask(first + second)

    assert [(row.outcome, row.claimed_at) for row in rows] == [
        ("REINSTATED", None),
        ("DOWN_PLATFORM_VERIFIED", instant(at(10))),
    ]


def test_answer_to_a_chaser_counts_for_the_episode(ask: Ask) -> None:
    (row,) = ask(
        [
            item(),
            notice(),
            notice(at(8), ref="n2", kind="chaser"),
            answer(at(9), "removed", to="n2"),
            check(at(10), "gone"),
        ]
    )

    assert row.outcome == "DOWN_PLATFORM_VERIFIED"


def test_days_are_londons_also_in_summer_time(ask: Ask) -> None:
    """29 March 2026, 01:00 UTC: clocks go forward, so 31 March begins at 23:00 UTC on the 30th."""
    late, early = "2026-03-30T22:59:59Z", "2026-03-30T23:00:00Z"
    records = [item(at=late), item("i2", at=late), notice(late), notice(early, "i2", ref="n2")]
    day = Period(date(2026, 3, 31), date(2026, 3, 31))

    rows = ask(records, period=day, as_at="2026-05-01T00:00:00Z")

    assert [(row.ref, row.month) for row in rows] == [("i2", "2026-03")]


def test_a_day_is_24_elapsed_hours_across_the_clock_change(ask: Ask) -> None:
    sent = "2026-03-28T12:00:00Z"
    records = [item(at=sent), notice(sent), check("2026-03-29T12:00:00Z", "gone")]
    march = Period(date(2026, 3, 1), date(2026, 3, 31))

    (row,) = ask(records, period=march, as_at="2026-05-01T00:00:00Z")

    assert row.within["24h"] == "yes"


def test_hold_brings_an_item_into_the_period_of_its_release(ask: Ask) -> None:
    december = item(at="2025-12-20T11:00:00Z")
    records = [
        december,
        notice("2025-12-20T12:00:00Z"),
        hold("2025-12-19T00:00:00Z", at(3)),
        check(at(4), "live"),
    ]

    (row,) = ask(records)

    assert row.t0 == instant(at(3))


@pytest.mark.parametrize(
    ("filters", "refs"),
    [
        ({}, ["i1", "i2"]),
        ({"platform": "facebook"}, ["i2"]),
        ({"kind": "video"}, ["i2"]),
        ({"category": "fraud"}, ["i1"]),
        ({"channel": "portal"}, []),
    ],
)
def test_filters(ask: Ask, filters: dict[str, str], refs: list[str]) -> None:
    video = item(
        "i2", platform="facebook", kind="video", address="https://www.facebook.com/watch/?v=1234567890"
    )
    rows = ask(
        [item(category="phishing"), video, notice(at(5), "i1"), notice(at(5), "i2", ref="n2")], **filters
    )

    assert [row.ref for row in rows] == refs


def test_printed_line_has_the_agreed_names(ask: Ask) -> None:
    (row,) = ask([item(), notice(), check(at(6, 11), "gone")])

    shown = printed(row)

    assert shown["t0"] == "2026-01-05T12:00:00Z"
    assert shown["first_gone_at"] == "2026-01-06T11:00:00Z"
    assert shown["within"] == {"1h": "indeterminate", "24h": "yes", "48h": "yes", "7d": "yes", "28d": "yes"}
    assert line(row).startswith('{"item":"2026-')


def record(kind: str, when: str, *, ref: str = "", notice: str = "") -> None:
    """An event that recorded histories cannot bring."""
    events.record(
        kind, by=None, at=datetime.fromisoformat(when), recorded_at=datetime.fromisoformat(when), notice=notice,
        item=Item.objects.get(import_reference=ref) if ref else None,
    )  # fmt: skip


def test_approval_is_the_last_before_the_notice_left(bring_in: Callable[[Records], None]) -> None:
    bring_in([item(), notice()])
    for when in (at(5, 11, 40), at(5, 11, 50), at(5, 13)):
        record("item.approved", when, ref="i1")

    (row,) = episodes(scope())

    assert (row.found_at, row.approved_at) == (instant(at(5, 11, 30)), instant(at(5, 11, 50)))


def test_later_episode_begins_without_a_sighting_and_with_its_own_approval(
    bring_in: Callable[[Records], None],
) -> None:
    bring_in([item(), notice(), check(at(6), "gone"), check(at(8), "live"), notice(at(8, 13), ref="n2")])
    record("item.approved", at(5, 11, 50), ref="i1")

    first, second = episodes(scope())

    assert (first.found_at, first.approved_at) == (instant(at(5, 11, 30)), instant(at(5, 11, 50)))
    assert (second.found_at, second.approved_at) == (None, None)


def test_a_question_is_feedback_but_no_acknowledgement(bring_in: Callable[[Records], None]) -> None:
    bring_in([item(), notice()])
    record("notice.clarification_asked", at(5, 14), notice=Notice.objects.get().reference)

    (row,) = episodes(scope())

    assert (row.acknowledged_at, row.feedback_at) == (None, instant(at(5, 14)))


def test_removed_then_reinstated_and_never_looked_at_is_refused_without_a_refusal(
    ask: Callable[..., list[Episode]],
) -> None:
    answers = [answer(at(6), "removed"), answer(at(8), "reinstated")]

    (row,) = ask([item(), notice(), *answers])

    assert (row.outcome, row.refused_at, row.decided) == ("REFUSED", None, True)
