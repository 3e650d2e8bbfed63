"""What S11 to S17 need of each row: once more one record after the other, from docs/statistics.md."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.reports.oracle import LIMITS, LIVE, History, Record, Row, decides, removes, time

NOT_THERE = {"not_found_by_platform", "not_hosted_here"}
OUR_ERROR = {"wrong_channel", "error_in_notice"}


def columns(history: History, item: Record, row: Row) -> dict[str, Any]:
    """By the names that `--episodes` prints; times as they stand in the records, None where there is none."""
    answers = history.inside(row, row.end)
    return {
        "delivered": history.delivered(row.notice),
        "sent_at": row.sent_at,
        "found_at": None if row.earlier_t0 else time(item["identified_at"]),
        **of_answers(answers),
        **of_the_notice(history, row, answers),
        **of_what_followed(history, row, answers),
        **measure(history, row, answers),
        "invalid": any(
            row.sent_at <= time(record["at"]) and not (row.end and time(record["at"]) >= row.end)
            for record in history.of("invalid", item=row.ref)
        ),
    }


def of_answers(answers: list[Record]) -> dict[str, Any]:
    decisions = [answer for answer in answers if decides(answer)]
    refusals = [answer for answer in answers if refuses(answer)]
    return {
        "decided_at": first(decisions),
        "last_answer": decisions[-1]["answer"] if decisions else None,
        "claimed_at": first(answer for answer in answers if removes(answer)),
        "refused_at": first(refusals),
        "refusal_code": (refusals[0]["refusal_code"] or refusals[0]["answer"]) if refusals else None,
        "said_error": any(answer.get("refusal_code") in OUR_ERROR for answer in answers),
    }


def refuses(answer: Record) -> bool:
    return answer["answer"] in NOT_THERE or (answer["answer"] == "refused" and decides(answer))


def of_the_notice(history: History, row: Row, answers: list[Record]) -> dict[str, Any]:
    since = [answer for answer in answers if time(answer["at"]) >= row.sent_at]
    by_people = [r for r in history.of("acknowledged", notice=row.notice) if not r.get("automatic", False)]
    return {
        "acknowledged_at": first(by_people),
        "feedback_at": first(by_people + since),
        "notice_decided_at": first(answer for answer in since if decides(answer)),
    }


def of_what_followed(history: History, row: Row, answers: list[Record]) -> dict[str, Any]:
    taken_down = [removal for removal in row.removals if removal.cause != "uploader"]
    refused_at = first(answer for answer in answers if refuses(answer))
    found: dict[str, Any] = {
        "taken_down_at": taken_down[0].removed_at if taken_down else None,
        "first_removed_at": row.removals[0].removed_at if row.removals else None,
        "first_cause": row.removals[0].cause if row.removals else None,
        "reinstated_at": None,
        "copied_at": None,
        "overturned_at": min(
            (r.removed_at for r in taken_down if r.removed_at and refused_at and r.removed_at > refused_at),
            default=None,
        ),
    }
    if taken_down and taken_down[0].removed_at:
        found["reinstated_at"] = next(
            (
                at
                for at, check in history.looks(row.ref)
                if check["verdict"] == "live"
                and at > taken_down[0].seen_at
                and not (row.end and at >= row.end)
            ),
            None,
        )
        found["copied_at"] = first(
            copy
            for copy in history.of("copy", of=row.ref)
            if time(copy["at"]) >= taken_down[0].removed_at and not (row.end and time(copy["at"]) >= row.end)
        )
    return found


def measure(history: History, row: Row, answers: list[Record]) -> dict[str, Any]:
    """How an item that is limited, or blocked from the UK, is so."""
    decisions = [answer for answer in answers if decides(answer)]
    last: Record = decisions[-1] if decisions else {"answer": None}
    if row.outcome not in {"RESTRICTED_UK", "LIMITED"}:
        return {"measure": None, "territories": None}
    named = ",".join(sorted(set(last.get("territories") or []))) or None
    if row.outcome == "RESTRICTED_UK":
        blocking = last["answer"] in {"access_disabled", "restricted_geo"}
        return {"measure": last["answer"] if blocking else "geo_blocked", "territories": named}
    if last["answer"] in LIMITS and not removes(last):
        return {"measure": last["answer"], "territories": named}
    seen = [
        check["verdict"]
        for at, check in history.looks(row.ref)
        if check["verdict"] in LIVE and at >= row.t0 and not (row.end and at >= row.end)
    ]
    return {"measure": seen[-1], "territories": named}


def first(records: Iterable[Record]) -> datetime | None:
    return min((time(record["at"]) for record in records), default=None)
