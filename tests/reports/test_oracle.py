"""Generated histories: what the command prints must be what the definitions give, row by row."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from notices.history import import_history
from reports import projection
from tests.reports import descriptions, oracle
from tests.reports.descriptions import CORRECTIONS

Record = dict[str, Any]
BEGIN = datetime(2026, 1, 10, tzinfo=UTC)
AS_AT = datetime(2026, 2, 10, tzinfo=UTC)
MANY = int(os.environ.get("HISTORIES", "150"))
TOGETHER = max(50, MANY // 40)  # in one database
MOMENTS = [
    (as_at, as_at + lag)
    for as_at in (AS_AT, BEGIN + timedelta(hours=100), BEGIN + timedelta(days=60))
    for lag in (timedelta(0), timedelta(hours=-60), timedelta(days=30))
]
TIMES = ("t0", "last_live_at", "first_gone_at", "removed_at")
DESCRIBED = ("platform", "kind", "category")
FRAUDS = {"fraud", "phishing"}  # a category includes what stands below it
GROUPED = (*DESCRIBED, "severity", "language")
EXCLUDED = (*DESCRIBED, "t0", "t0_basis", "exclusion", "outcome", "within")
PRINTED = (
    *DESCRIBED,
    "t0",
    "t0_basis",
    "exclusion",
    "outcome",
    "last_live_at",
    "first_gone_at",
    "removed_at",
    "within",
)

HOURS = st.sampled_from([0, 1, 2, 3, 10, 22, 23, 24, 25, 26, 47, 48, 49, 72, 167, 169, 300, 671, 673])
LATE = st.sampled_from([None, None, None, 400, 900])
CAUSES = [None, None, "unknown", "author", "platform_policy", "account_suspended", "legal"]
ANSWERS = [
    ("removed", None, []), ("removed", None, []), ("account_suspended", None, []), ("already_gone", None, []),
    ("access_disabled", None, []), ("access_disabled", None, ["FR"]), ("labelled", None, []),
    ("refused", "no_policy_breach", []), ("refused", "wrong_channel", []), ("reinstated", None, []),
    ("more_information", None, []), ("preserved_only", None, []), ("not_hosted_here", None, []),
]  # fmt: skip

CHECKS = st.fixed_dictionaries(
    {
        "type": st.just("check"), "at": HOURS, "recorded_at": LATE,
        "verdict": st.sampled_from(
            ["live", "live", "gone", "gone", "gone", "account_gone", "changed", "restricted", "geo_blocked",
             "private", "login_required", "inconclusive"]
        ),
        "cause": st.sampled_from(CAUSES), "method": st.sampled_from(["person", "automatic"]),
        "vantage": st.sampled_from(["GB", "GB", "FR"]), "confidence": st.sampled_from(["high", "high", "medium"]),
    }
)  # fmt: skip
REPLIES = st.fixed_dictionaries(
    {
        "type": st.just("answer"), "at": HOURS, "recorded_at": LATE, "said": st.sampled_from(ANSWERS),
        "effective_at": st.none() | HOURS, "to": st.integers(0, 2),
    }
)  # fmt: skip
NOTICES = st.fixed_dictionaries(
    {
        "type": st.just("notice"), "at": HOURS, "received": st.sampled_from([None, 0, 0, 1]),
        "recorded_at": LATE, "kind": st.sampled_from(["notice", "notice", "chaser", "escalation"]),
        "failed": st.sampled_from([None, None, None, 30, 3000]),  # minutes after it was sent
    }
)  # fmt: skip
OTHERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["withdrawn", "invalid", "hold"]), "at": HOURS, "recorded_at": LATE,
     "until": st.none() | HOURS}
)  # fmt: skip
HISTORIES = st.tuples(
    st.sampled_from([-1, -30]),  # hours from identification to the first moment
    st.lists(NOTICES, min_size=1, max_size=3),
    st.lists(CHECKS, max_size=5),
    st.lists(REPLIES, max_size=3),
    st.lists(OTHERS, max_size=2),
)
History = tuple[int, list[Record], list[Record], list[Record], list[Record]]


def after(hours: float, minutes: int = 0) -> str:
    return (BEGIN + timedelta(hours=hours, minutes=minutes)).isoformat()


def written(number: int, history: History) -> list[Record]:
    """The records of one item; no two of them, other than a receipt, are of the same minute."""
    found, notices, checks, replies, others = history
    ref = f"i{number}"
    records: list[Record] = [
        {"type": "item", "ref": ref, "address": f"https://x.com/nobody/status/{1000 + number}",
         "identified_at": after(found)}
    ]  # fmt: skip
    for minute, given_ in enumerate([*notices, *checks, *replies, *others], 1):
        record = {"type": given_["type"], "at": after(given_["at"], minute), "item": ref}
        if given_.get("recorded_at"):
            record["recorded_at"] = after(max(given_["recorded_at"], given_["at"] + 2))
        records += SHAPES[given_["type"]](record, given_, ref, minute, notices)
    return records


def _notice(record: Record, given_: Record, ref: str, minute: int, notices: list[Record]) -> list[Record]:
    name = f"{ref}-n{minute}"
    received = None if given_["received"] is None else after(given_["at"] + given_["received"], minute)
    sent = {
        "type": "notice", "ref": name, "lines": [ref], "channel": "mail", "sent_at": record["at"],
        "received_at": received, "kind": given_["kind"],
        "recorded_at": record.get("recorded_at"),
    }  # fmt: skip
    bounce = {
        "type": "delivery_failed", "notice": name, "at": after(given_["at"], minute + (given_["failed"] or 0)),
        "recorded_at": record.get("recorded_at"),
    }  # fmt: skip
    return [sent, bounce] if given_["failed"] else [sent]


def _check(record: Record, given_: Record, *_: Any) -> list[Record]:
    seen = {name: given_[name] for name in ("verdict", "method", "vantage", "confidence")}
    return [record | seen | {"cause": given_["cause"] if "gone" in given_["verdict"] else None}]


def _answer(record: Record, given_: Record, ref: str, minute: int, notices: list[Record]) -> list[Record]:
    said, code, territories = given_["said"]
    effect = given_["effective_at"]
    return [
        record
        | {
            "notice": f"{ref}-n{1 + given_['to'] % len(notices)}", "answer": said, "refusal_code": code,
            "territories": territories, "effective_at": None if effect is None else after(effect),
        }
    ]  # fmt: skip


def _set_aside(record: Record, given_: Record, *_: Any) -> list[Record]:
    more = {"reason": "out of remit", "confirmed_by": "A reviewer"} if given_["type"] == "invalid" else {}
    return [record | more]


def _hold(record: Record, given_: Record, ref: str, minute: int, *_: Any) -> list[Record]:
    until = given_["until"]
    end = None if until is None else after(max(until, given_["at"] + 1), minute)
    return [
        {"type": "hold", "item": ref, "from": record["at"], "until": end, "authority": "Operation desk",
         "recorded_at": record.get("recorded_at")}
    ]  # fmt: skip


SHAPES = {
    "notice": _notice, "check": _check, "answer": _answer, "withdrawn": _set_aside, "invalid": _set_aside,
    "hold": _hold,
}  # fmt: skip


def asked(as_at: datetime, known_by: datetime, *more: str) -> str:
    out = StringIO()
    call_command(
        "takedown_statistics", "--from", "2026-01-01", "--to", "2026-12-31", "--as-at", as_at.isoformat(),
        "--known-by", known_by.isoformat(), *more, stdout=out,
    )  # fmt: skip
    return out.getvalue()


def expected(records: list[Record], as_at: datetime, known_by: datetime) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in oracle.rows(records, as_at=as_at, known_by=known_by):
        shown = {name: row.about[name] if name in DESCRIBED else getattr(row, name) for name in PRINTED}
        for name in TIMES:
            shown[name] = oracle.utc(shown[name])
        found.setdefault(row.ref, []).append(shown | {"ref": row.ref})
    return by_ref(row for rows in found.values() for row in rows)


def bring_in(records: list[Record]) -> None:
    if not records:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        import_history(path)


def by_ref(rows: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        facts = (
            EXCLUDED if row["exclusion"] else PRINTED
        )  # what an excluded row says of its item is no figure
        found.setdefault(row["ref"], []).append({name: row[name] for name in facts})
    return found


def grouped(groups: list[Record]) -> Counter[tuple[str | None, ...]]:
    """How many items were notified of each group that has any."""
    found = {
        tuple(group["group"][name] for name in GROUPED): group["S01"]["notified_items"] for group in groups
    }
    return +Counter(found)


def in_order(row: Record) -> str:
    return json.dumps(row, sort_keys=True)


Told = list[tuple[History, list[Record]]]


def generated(number: int) -> Told:
    """Different histories, always the same ones, each with corrections of what its item is."""
    made: Told = []

    @settings(
        max_examples=number, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(history=HISTORIES, corrections=st.lists(CORRECTIONS, max_size=2))
    def collect(history: History, corrections: list[Record]) -> None:
        made.append((history, corrections))

    collect()
    return made


def compare(told: Told, moments: list[tuple[datetime, datetime]]) -> None:
    per_item = {f"i{n}": written(n, history) for n, (history, _) in enumerate(told)}
    for own, (_, corrections) in zip(per_item.values(), told, strict=True):
        own += descriptions.described(own[0], corrections, BEGIN)
    records = [record for own in per_item.values() for record in own]
    with transaction.atomic():
        bring_in([record for record in records if record["type"] != "described"])
        projection.refresh()
        descriptions.keep(record for record in records if record["type"] == "described")
        before = [asked(*moment, "--episodes") for moment in moments]
        projection.refresh()
        for printed, moment in zip(before, moments, strict=True):
            compare_at(per_item, printed, *moment)
        transaction.set_rollback(True)


def compare_at(per_item: dict[str, list[Record]], printed: str, as_at: datetime, known_by: datetime) -> None:
    assert asked(as_at, known_by, "--episodes") == printed, "The kept rows differ from the computed ones."
    actual = by_ref(json.loads(line) for line in printed.splitlines())
    document = json.loads(asked(as_at, known_by, "--format", "json", "--by", ",".join(GROUPED)))
    total, *groups = document["groups"]
    videos = asked(as_at, known_by, "--episodes", "--kind", "video", "--category", "fraud")
    for ref, written_ in per_item.items():
        wanted = sorted(expected(written_, as_at, known_by).get(ref, []), key=in_order)
        got = sorted(actual.get(ref, []), key=in_order)
        story = "\n".join(json.dumps(record) for record in written_)
        assert got == wanted, f"{story}\nprinted: {got}\nby the definitions: {wanted}"
    rows = [row for own in per_item.values() for row in oracle.rows(own, as_at=as_at, known_by=known_by)]
    assert grouped(groups) == Counter(tuple(row.about[name] for name in GROUPED) for row in rows)
    frauds = [row for row in rows if row.about["kind"] == "video" and row.about["category"] in FRAUDS]
    assert by_ref(json.loads(line) for line in videos.splitlines()).keys() == {row.ref for row in frauds}
    figures = oracle.figures(rows)
    assert {name: total[name] for name in ("S02", "S03")} == {name: figures[name] for name in ("S02", "S03")}
    assert total["S01"]["notified_items"] == figures["S01"]
    for name in ("S04", "S06"):
        assert (total[name]["numerator"], total[name]["denominator"]) == figures[name], name
    found = {
        name: (rate["numerator"], rate["denominator"], rate["indeterminate"], rate["immature"])
        for name, rate in total["S05"].items()
    }
    assert found == figures["S05"]


@pytest.mark.django_db
def test_rows_are_what_the_definitions_give() -> None:
    """`HISTORIES=10000` in the environment tries as many; a failure prints the records of the item that differs."""
    told = generated(MANY)

    for number, start in enumerate(range(0, len(told), TOGETHER)):
        compare(told[start : start + TOGETHER], MOMENTS[number % 3 :: 3])
