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
from tests.reports import descriptions, oracle, oracle_follow_up
from tests.reports.descriptions import CORRECTIONS
from tests.reports.oracle_follow_up import columns

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
DESCRIBED = ("platform", "kind", "category")
FRAUDS = {"fraud", "phishing"}  # a category includes what stands below it
GROUPED = (*DESCRIBED, "severity", "language")
OF_NOTICE = (
    "delivered", "sent_at", "found_at", "acknowledged_at", "feedback_at", "notice_decided_at", "invalid", "said_error",
)  # fmt: skip
EXCLUDED = (*DESCRIBED, "t0", "t0_basis", "exclusion", "outcome", "within", *OF_NOTICE)
FOLLOWED = (
    "decided_at", "last_answer", "claimed_at", "refused_at", "refusal_code", "taken_down_at", "first_removed_at",
    "first_cause", "reinstated_at", "copied_at", "overturned_at", "measure", "territories",
)  # fmt: skip
PRINTED = (*EXCLUDED, "last_live_at", "first_gone_at", "removed_at", *FOLLOWED)

HOURS = st.sampled_from([0, 1, 2, 3, 10, 22, 23, 24, 25, 26, 47, 48, 49, 72, 167, 169, 300, 671, 673])
LATE = st.sampled_from([None, None, None, 400, 900])
CAUSES = [None, None, "unknown", "author", "platform_policy", "account_suspended", "legal"]
ANSWERS = [
    ("removed", None, []), ("removed", None, []), ("account_suspended", None, []), ("already_gone", None, []),
    ("access_disabled", None, []), ("access_disabled", None, ["FR"]), ("labelled", None, []),
    ("refused", "no_policy_breach", []), ("refused", "wrong_channel", []), ("reinstated", None, []),
    ("more_information", None, []), ("preserved_only", None, []), ("not_hosted_here", None, []),
    ("refused", "error_in_notice", []), ("refused", "other", []), ("not_found_by_platform", None, []),
    ("restricted_geo", None, ["GB", "DE", "GB"]), ("restricted_age", None, []),
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
REACTIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["acknowledged", "acknowledged", "copy"]), "at": HOURS, "recorded_at": LATE,
     "automatic": st.booleans(), "to": st.integers(0, 2)}
)  # fmt: skip
HISTORIES = st.tuples(
    st.sampled_from([-1, -30]),  # hours from identification to the first moment
    st.lists(NOTICES, min_size=1, max_size=3),
    st.lists(CHECKS, max_size=5),
    st.lists(REPLIES, max_size=3),
    st.lists(OTHERS, max_size=2),
    st.lists(REACTIONS, max_size=3),
)
History = tuple[int, list[Record], list[Record], list[Record], list[Record], list[Record]]


def after(hours: float, minutes: int = 0) -> str:
    return (BEGIN + timedelta(hours=hours, minutes=minutes)).isoformat()


def written(number: int, history: History) -> list[Record]:
    """The records of one item; no two of them, other than a receipt, are of the same minute."""
    found, notices, checks, replies, others, reactions = history
    ref = f"i{number}"
    records = [_item(ref, 1000 + number, found)]
    for minute, given_ in enumerate([*notices, *checks, *replies, *others, *reactions], 1):
        record = {"type": given_["type"], "at": after(given_["at"], minute), "item": ref}
        if given_.get("recorded_at"):
            record["recorded_at"] = after(max(given_["recorded_at"], given_["at"] + 2))
        records += SHAPES[given_["type"]](record, given_, ref, minute, notices)
    return records


def _item(ref: str, number: int, found: int) -> Record:
    address = f"https://x.com/nobody/status/{number}"
    return {"type": "item", "ref": ref, "address": address, "identified_at": after(found)}


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


def _acknowledged(
    record: Record, given_: Record, ref: str, minute: int, notices: list[Record]
) -> list[Record]:
    told = {"notice": f"{ref}-n{1 + given_['to'] % len(notices)}", "automatic": given_["automatic"]}
    return [{name: value for name, value in record.items() if name != "item"} | told]


def _copy(record: Record, given_: Record, ref: str, minute: int, *_: Any) -> list[Record]:
    copy = f"{ref}-c{minute}"
    return [
        _item(copy, 10**6 + 100 * int(ref[1:]) + minute, given_["at"]),
        record | {"item": copy, "of": ref},
    ]


SHAPES = {
    "acknowledged": _acknowledged, "copy": _copy,
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
    history = oracle.History(records, as_at, known_by)
    return by_ref(
        {
            name: _shown(value)
            for name, value in (row.about | vars(row) | columns(history, row.about, row)).items()
        }
        for row in history.rows()
    )


def _shown(value: Any) -> Any:
    return oracle.utc(value) if isinstance(value, datetime) else value


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
    lines = [json.loads(line) for line in printed.splitlines()]
    assert of_answers(total) == oracle_follow_up.figures(lines, as_at)


def of_answers(total: Record) -> Record:
    """What `oracle_follow_up.figures` counts, from the command's document."""
    s13, s14, s16 = total["S13"], total["S14"], total["S16"]
    by_measure = [pair for name in ("restricted_uk", "limited") for pair in s14[name]["by_measure"].items()]
    return {
        "S11": {name: _fraction(rate) for name, rate in total["S11"].items() if "median" not in name},
        "S12": _fraction(total["S12"]),
        "overturned": _fraction(total["S12"]["overturned"]),
        "reappeared": {name: _fraction(rate) for name, rate in s13["reappeared"].items()},
        "reinstated": {name: _fraction(rate) for name, rate in s13["reinstated"].items()},
        "net": _fraction(s13["net"]),
        "not_reachable_uk": _fraction(s14["not_reachable_uk"]),
        "measures": sorted(name for name, number in by_measure for _ in range(number)),
        **{name: _fraction(s16[name]) for name in ("upheld", "valid_notices", "called_error")},
        "removed": total["S17"]["removed"],
    }


def _fraction(rate: Record) -> tuple[int, int]:
    return rate["numerator"], rate["denominator"]


@pytest.mark.django_db
def test_rows_are_what_the_definitions_give() -> None:
    """`HISTORIES=10000` in the environment tries as many; a failure prints the records of the item that differs."""
    told = generated(MANY)

    for number, start in enumerate(range(0, len(told), TOGETHER)):
        compare(told[start : start + TOGETHER], MOMENTS[number % 3 :: 3])
