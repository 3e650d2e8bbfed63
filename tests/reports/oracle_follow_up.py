"""What S11 to S17 need of each row: once more one record after the other, from docs/statistics.md."""

from collections.abc import Iterable
from datetime import datetime, timedelta
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
        "found_at": None if row.earlier_t0 else time(item["found_at"]),
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


WINDOW = {"28d": 28, "90d": 90, "180d": 180}
GONE_FROM_HERE = {"DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED", "DOWN_UPLOADER", "RESTRICTED_UK"}
DOWN = {"DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED"}


def figures(rows: list[Record], as_at: datetime) -> dict[str, Any]:
    """Numerators and denominators of S11 to S14, S16 and S17 from printed rows; the period has all of them."""
    eligible = [row for row in rows if row["exclusion"] is None]
    delivered = [row for row in rows if row["delivered"]]
    down = [row for row in eligible if row["outcome"] in DOWN]
    decided = [row for row in eligible if row["decided"]]
    refused = [row for row in eligible if row["refused_at"]]
    taken = [row for row in eligible if row["taken_down_at"]]
    return {
        "S11": {
            "acknowledged_24h": in_time(letters(delivered, "acknowledged_at"), 1, as_at),
            **{
                f"decided_{name}": in_time(letters(delivered, "notice_decided_at"), days, as_at)
                for name, days in (("24h", 1), ("48h", 2), ("7d", 7))
            },
            "feedback": _any(letters(delivered, "feedback_at")),
        },
        "S12": (len(refused), len(eligible)),
        "overturned": in_time([(row["refused_at"], row["overturned_at"]) for row in refused], 28, as_at),
        "reappeared": {
            name: in_time([(row["taken_down_at"], row["copied_at"]) for row in taken], days, as_at)
            for name, days in WINDOW.items()
        },
        "reinstated": {
            name: in_time([(row["taken_down_at"], row["reinstated_at"]) for row in taken], days, as_at)
            for name, days in WINDOW.items()
        },
        "net": (len(down), len(taken)),
        "not_reachable_uk": (sum(row["outcome"] in GONE_FROM_HERE for row in eligible), len(eligible)),
        "measures": sorted(
            " ".join(filter(None, (row["measure"], row["territories"]))) for row in eligible if row["measure"]
        ),
        "upheld": (sum(row["outcome"] in DOWN for row in decided), len(decided)),
        "valid_notices": (
            len({row["notice_id"] for row in delivered})
            - len({row["notice_id"] for row in delivered if row["invalid"]}),
            len({row["notice_id"] for row in delivered}),
        ),
        "called_error": (sum(row["said_error"] for row in delivered), len(delivered)),
        "removed": len(down),
    }


def letters(rows: list[Record], name: str) -> list[tuple[str, str | None]]:
    """The first T0 and the first moment of each notice."""
    found: dict[int, tuple[str, str | None]] = {}
    for row in rows:
        t0, at = found.get(row["notice_id"], (row["t0"], row[name]))
        found[row["notice_id"]] = min(t0, row["t0"]), min(filter(None, (at, row[name])), default=None)
    return list(found.values())


def in_time(spans: list[tuple[str, str | None]], days: int, as_at: datetime) -> tuple[int, int]:
    """How many of those whose days have passed at the as-at ended in them, and how many these are."""
    mature = [(time(a), b and time(b)) for a, b in spans if time(a) + timedelta(days=days) <= as_at]
    return sum(b is not None and b <= a + timedelta(days=days) for a, b in mature), len(mature)


def _any(spans: list[tuple[str, str | None]]) -> tuple[int, int]:
    return sum(at is not None for _, at in spans), len(spans)
