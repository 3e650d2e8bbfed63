"""Small histories written out as records, brought in as an office would, and asked about."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from notices.history import import_history
from reports.facts import Episode, Scope, episodes
from reports.periods import Period

Records = list[dict[str, Any]]
BEGIN = "2026-01-01T00:00:00Z"


def scope(**changes: Any) -> Scope:
    """January 2026 as at 1 March 2026, unless changed; times may be ISO texts."""
    for name in ("as_at", "known_by"):
        if isinstance(changes.get(name), str):
            changes[name] = datetime.fromisoformat(changes[name])
    as_at = changes.pop("as_at", datetime(2026, 3, 1, tzinfo=UTC))
    period = changes.pop("period", Period(date(2026, 1, 1), date(2026, 1, 31)))
    return Scope(period=period, as_at=as_at, known_by=changes.pop("known_by", as_at), **changes)


def item(ref: str = "i1", *, at: str = "2026-01-05T11:30:00Z", **more: Any) -> dict[str, Any]:
    number = 1000 + int(ref[1:])
    address = f"https://x.com/nobody/status/{number}"
    return {
        "type": "item",
        "ref": ref,
        "address": address,
        "kind": "post",
        "platform": "x",
        "identified_at": at,
        **more,
    }


def notice(at: str = "2026-01-05T12:00:00Z", *refs: str, ref: str = "n1", **more: Any) -> dict[str, Any]:
    lines = list(refs) or ["i1"]
    return {
        "type": "notice",
        "ref": ref,
        "lines": lines,
        "channel": "mail",
        "sent_at": at,
        "received_at": at,
        **more,
    }


def check(at: str, verdict: str, *, ref: str = "i1", method: str = "person", **more: Any) -> dict[str, Any]:
    return {"type": "check", "item": ref, "at": at, "verdict": verdict, "method": method, **more}


def answer(at: str, said: str, *, ref: str = "i1", to: str = "n1", **more: Any) -> dict[str, Any]:
    return {"type": "answer", "notice": to, "item": ref, "at": at, "answer": said, **more}


@pytest.fixture
def bring_in(db: None, tmp_path: Path) -> Callable[..., None]:
    """Imports records as one file."""

    def store(records: Records) -> None:
        path = tmp_path / "history.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        import_history(path)

    return store


@pytest.fixture
def ask(bring_in: Callable[..., None]) -> Callable[..., list[Episode]]:
    """Imports records and returns the episode rows of the scope that the keywords change."""

    def rows(records: Records, **changes: Any) -> list[Episode]:
        bring_in(records)
        return list(episodes(scope(**changes)))

    return rows
