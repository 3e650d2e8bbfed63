"""The only cohort for which a full split was published: 1,218 pages referred from January to May 2020,
and as at 3 September 2020 578 closed, 485 remained open, 155 awaited a decision."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

REFERRED, CLOSED, OPEN = 1218, 578, 485
FIRST = datetime(2020, 1, 1, 9, tzinfo=UTC)
SPAN = timedelta(days=151)  # to the end of May


def records() -> Iterator[dict[str, object]]:
    """One notice and one item each; closed ones seen gone by a person, open ones refused and seen live."""
    for number in range(REFERRED):
        ref, found = f"page-{number:04d}", FIRST + number * (SPAN / REFERRED)
        received = found + timedelta(hours=3)
        yield {
            "type": "item", "ref": ref, "address": f"https://www.facebook.com/{10**14 + number}",
            "kind": "page", "category": "people_smuggling", "identified_at": found.isoformat(),
        }  # fmt: skip
        yield {
            "type": "notice", "ref": f"n-{ref}", "lines": [ref], "channel": "mail",
            "sent_at": received.isoformat(), "received_at": received.isoformat(),
        }  # fmt: skip
        answered = received + timedelta(days=5)
        if number < CLOSED:
            yield _answer(ref, answered, "removed")
            yield _check(ref, answered + timedelta(days=1), "gone")
        elif number < CLOSED + OPEN:
            yield _answer(ref, answered, "refused", "no_policy_breach")
            yield _check(ref, answered + timedelta(days=1), "live")


def _answer(ref: str, at: datetime, answer: str, code: str | None = None) -> dict[str, object]:
    return {
        "type": "answer", "notice": f"n-{ref}", "item": ref, "at": at.isoformat(),
        "answer": answer, "refusal_code": code,
    }  # fmt: skip


def _check(ref: str, at: datetime, verdict: str) -> dict[str, object]:
    return {
        "type": "check", "item": ref, "at": at.isoformat(), "verdict": verdict, "cause": None, "method": "person",
    }  # fmt: skip


def write(path: Path) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records()), encoding="utf-8")
    return path
