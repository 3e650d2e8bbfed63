"""Recorded histories: every type of record, every error by its line, all or nothing, where items end."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from casework.models import Case, Check, Copy, Episode, Event, Hold, Item, SetAside
from notices.history import HistoryRefused, import_history
from notices.models import Acknowledgement, Answer, DeliveryRecord, Line, Notice

Records = list[dict[str, Any]]
Store = Callable[[Records], dict[str, Any]]


def day(number: int, hour: int = 12) -> str:
    return f"2020-03-{number:02d}T{hour:02d}:00:00Z"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def item(ref: str = "i1", **more: Any) -> dict[str, Any]:
    return {
        "type": "item", "ref": ref, "address": f"https://x.com/nobody/status/{1000 + int(ref[1:])}",
        "identified_at": day(1), **more,
    }  # fmt: skip


def notice(ref: str = "n1", *lines: str, at: str = day(2), **more: Any) -> dict[str, Any]:
    return {
        "type": "notice", "ref": ref, "lines": list(lines) or ["i1"], "channel": "mail", "sent_at": at,
        "received_at": at, **more,
    }  # fmt: skip


def check(at: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {"type": "check", "item": "i1", "at": at, "verdict": verdict, **more}


def answer(at: str, said: str, *, ref: str = "i1", **more: Any) -> dict[str, Any]:
    return {"type": "answer", "notice": "n1", "item": ref, "at": at, "answer": said, **more}


def withdrawn(at: str) -> dict[str, Any]:
    return {"type": "withdrawn", "item": "i1", "at": at}


def hold(until: str | None) -> dict[str, Any]:
    return {"type": "hold", "item": "i1", "from": day(1), "until": until, "authority": "Operation desk"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Records], Path]:
    def to_file(records: Records) -> Path:
        path = tmp_path / "history.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return to_file


@pytest.fixture
def store(db: None, write: Callable[[Records], Path]) -> Store:
    return lambda records: import_history(write(records))


ONE_OF_EACH: Records = [
    item(category="fraud", language="en", kind="post", platform="x"),
    item("i2"),
    check(day(5), "gone", cause="account_suspended", vantage="fr", confidence="medium", recorded_at=day(9)),
    notice("n1", "i1", "i2"),
    notice("n2", at=day(3), kind="chaser", received_at=None),
    {"type": "delivery_failed", "notice": "n2", "at": day(3, 13), "reason": "bounced"},
    {"type": "acknowledged", "notice": "n1", "at": day(3)},
    answer(day(4), "access_disabled", effective_at=day(4, 11), territories=["gb"]),
    {"type": "withdrawn", "item": "i2", "at": day(6)},
    hold(day(2, 10)),
    {"type": "invalid", "item": "i2", "at": day(7), "reason": "wrong_channel", "confirmed_by": "A reviewer"},
    {"type": "copy", "item": "i2", "of": "i1", "at": day(8)},
]


def test_import_counts_what_it_stored(store: Store) -> None:
    result = store(ONE_OF_EACH)

    case = Case.objects.get()
    assert result == {
        "lines": 12, "items": 2, "checks": 1, "notices": 2, "delivery_failures": 1, "acknowledgements": 1,
        "answers": 1, "withdrawals": 1, "holds": 1, "invalid": 1, "copies": 1, "case": case.reference,
        "dry_run": False, "errors": [],
    }  # fmt: skip
    assert case.items.count() == 2


STORED: list[tuple[type[Any], dict[str, Any]]] = [
    (Item, {"import_reference": "i1", "category__slug": "fraud", "language": "en", "kind": "post",
            "platform__slug": "x", "identifier": "1001", "found_at": instant(day(1)),
            "identified_by_name": "Import"}),
    (Check, {"item__import_reference": "i1", "at": instant(day(5)), "verdict": "gone", "vantage": "FR",
             "cause": "account_suspended", "confidence": "medium", "method": "person", "confirms": True,
             "recorded_at": instant(day(9)), "by_name": "Import"}),
    (Notice, {"import_reference": "n1", "kind": "notice", "channel_kind": "mail", "t0_basis": "received",
              "received_at": instant(day(2)), "sent_recorded_at": instant(day(2)), "platform__slug": "x"}),
    (Notice, {"import_reference": "n2", "kind": "chaser", "t0_basis": "sent",
              "received_at": instant(day(3))}),
    (Line, {"notice__import_reference": "n1", "item__import_reference": "i2", "position": 2,
            "address": "https://x.com/nobody/status/1002"}),
    (DeliveryRecord, {"notice__import_reference": "n1", "kind": "received", "at": instant(day(2))}),
    (DeliveryRecord, {"notice__import_reference": "n2", "kind": "failed", "at": instant(day(3, 13)),
                      "reason": "bounced"}),
    (Acknowledgement, {"notice__import_reference": "n1", "at": instant(day(3)), "automatic": False}),
    (Answer, {"line__item__import_reference": "i1", "answer": "access_disabled", "territories": ["GB"],
              "effective_at": instant(day(4, 11)), "source": "imported", "refusal_code": ""}),
    (SetAside, {"item__import_reference": "i2", "kind": "withdrawn", "at": instant(day(6))}),
    (Hold, {"item__import_reference": "i1", "authority": "Operation desk", "placed_at": instant(day(1)),
            "released_at": instant(day(2, 10)), "released_recorded_at": instant(day(2, 10))}),
    (SetAside, {"item__import_reference": "i2", "kind": "invalid", "reason": "wrong_channel",
                "confirmed_by": "A reviewer"}),
    (Copy, {"item__import_reference": "i2", "of__import_reference": "i1", "at": instant(day(8))}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "values"), STORED, ids=[f"{n}-{case[0].__name__}" for n, case in enumerate(STORED)]
)
def test_record_is_stored(store: Store, model: type[Any], values: dict[str, Any]) -> None:
    store(ONE_OF_EACH)

    assert model.objects.filter(**values).count() == 1


def test_nothing_is_known_before_it_happened(store: Store) -> None:
    store([item(), check(day(5), "live", recorded_at=day(4))])

    assert Check.objects.get().recorded_at == instant(day(5))


def test_lines_may_stand_in_any_order(store: Store) -> None:
    store(ONE_OF_EACH[::-1])

    assert (Item.objects.count(), Check.objects.count(), Answer.objects.count()) == (2, 1, 1)


def test_references_follow_the_year_of_the_record(store: Store) -> None:
    store([item(identified_at="2019-06-01T00:00:00Z"), item("i2"), notice(at="2021-01-05T09:00:00+01:00")])

    assert [made.reference[:5] for made in Item.objects.order_by("pk")] == ["2019-", "2020-"]
    assert Notice.objects.get().reference.startswith("N2021-")


def test_events_say_that_it_was_brought_in(store: Store) -> None:
    store([item(), notice()])

    found = Event.objects.order_by("pk").values_list("kind", "actor_name", "details__reference")
    assert list(found) == [
        ("case.imported", "Import", None), ("item.imported", "Import", "i1"),
        ("notice.imported", "Import", "n1"),
    ]  # fmt: skip


WRONG: list[tuple[str, int, str, str, Records]] = [
    ("unknown_type", 2, "type", "Each line has a type: item, check, notice", [item(), {"type": "look"}]),
    ("no_type", 1, "type", "Each line has a type", [{"ref": "i1"}]),
    ("type_is_a_list", 1, "type", "Each line has a type", [{"type": ["item"]}]),
    ("unknown_key", 1, "colour", "not known here", [item(colour="red")]),
    ("missing_key", 1, "identified_at", "needs “identified_at”", [item(identified_at=None)]),
    ("no_zone", 1, "identified_at", "names no zone", [item(identified_at="2020-03-01T12:00:00")]),
    ("no_time", 1, "identified_at", "ISO 8601", [item(identified_at="last March")]),
    ("no_such_day", 1, "identified_at", "ISO 8601", [item(identified_at="2020-02-30T12:00:00Z")]),
    ("number_for_time", 1, "identified_at", "ISO 8601", [item(identified_at=1583020800)]),
    ("year_one", 1, "identified_at", "year is 1;", [item(identified_at="0001-01-01T00:00:00+14:00")]),
    ("unknown_platform", 1, "platform", "telegram", [item(platform="bluebird")]),
    ("unknown_category", 1, "category", "people_smuggling", [item(category="weather")]),
    ("unknown_kind", 1, "kind", "web_page", [item(kind="thing")]),
    ("kind_is_a_list", 1, "kind", "use one of", [item(kind=["post"])]),
    ("no_address", 1, "address", "", [item(address="javascript:alert(1)")]),
    ("nul", 1, "ref", "NUL", [{**item(), "ref": "i\x00"}]),
    ("half_a_surrogate", 1, "ref", "surrogate", [{**item(), "ref": "i\ud800"}]),
    ("long_language", 1, "language", "10 at most", [item(language="English of the north")]),
    ("long_ref", 1, "ref", "200 at most", [{**item(), "ref": "i" * 201}]),
    ("empty_ref", 1, "ref", "not empty", [{**item(), "ref": " "}]),
    ("same_ref", 3, "ref", "on line 1 already", [item(), item("i2"), item(address="https://x.com/a/status/9")]),
    ("same_notice", 3, "ref", "on line 2 already", [item(), notice(), notice()]),
    ("same_item", 2, "address", "“i1” on line 1",
     [item(), item("i2", address="https://twitter.com/nobody/status/1001")]),
    ("unknown_verdict", 2, "verdict", "account_gone", [item(), check(day(2), "dead")]),
    ("unknown_cause", 2, "cause", "platform_policy", [item(), check(day(2), "gone", cause="magic")]),
    ("unknown_method", 2, "method", "automatic", [item(), check(day(2), "gone", method="guess")]),
    ("unknown_vantage", 2, "vantage", "two-letter", [item(), check(day(2), "gone", vantage="G1")]),
    ("check_of_nothing", 2, "item", "“i9”", [item(), {**check(day(2), "live"), "item": "i9"}]),
    ("line_of_nothing", 2, "lines", "“i9”", [item(), notice("n1", "i1", "i9")]),
    ("no_lines", 2, "lines", "at least one", [item(), {**notice(), "lines": []}]),
    ("line_twice", 2, "lines", "twice", [item(), notice("n1", "i1", "i1")]),
    ("lines_are_a_text", 2, "lines", "list", [item(), {**notice(), "lines": "i1"}]),
    ("unknown_channel", 2, "channel", "portal", [item(), notice(channel="pigeon")]),
    ("unknown_notice_kind", 2, "kind", "escalation", [item(), notice(kind="letter")]),
    ("received_before_sent", 2, "received_at", "before it was sent", [item(), notice(received_at=day(1))]),
    ("answer_to_nothing", 2, "notice", "“n1”", [item(), answer(day(3), "removed")]),
    ("answer_beside_the_lines", 4, "item", "no line “i2”",
     [item(), item("i2"), notice(), answer(day(3), "removed", ref="i2")]),
    ("unknown_answer", 3, "answer", "access_disabled", [item(), notice(), answer(day(3), "perhaps")]),
    ("refusal_without_code", 3, "refusal_code", "no_policy_breach",
     [item(), notice(), answer(day(3), "refused")]),
    ("code_without_refusal", 3, "refusal_code", "only a refusal",
     [item(), notice(), answer(day(3), "removed", refusal_code="other")]),
    ("territories", 3, "territories", "two-letter",
     [item(), notice(), answer(day(3), "access_disabled", territories=["Kent"])]),
    ("failure_of_nothing", 1, "notice", "“n1”", [{"type": "delivery_failed", "notice": "n1", "at": day(3)}]),
    ("automatic", 3, "automatic", "true or false",
     [item(), notice(), {"type": "acknowledged", "notice": "n1", "at": day(3), "automatic": "no"}]),
    ("hold_ends_first", 2, "until", "before it begins", [item(), hold("2020-02-01T00:00:00Z")]),
    ("invalid_unconfirmed", 2, "confirmed_by", "needs “confirmed_by”",
     [item(), {"type": "invalid", "item": "i1", "at": day(3), "reason": "wrong_channel"}]),
    ("copy_of_itself", 2, "of", "not a copy of itself",
     [item(), {"type": "copy", "item": "i1", "of": "i1", "at": day(3)}]),
    ("copy_twice", 4, "of", "linked to “i1” already",
     [item(), item("i2"), *[{"type": "copy", "item": "i2", "of": "i1", "at": day(n)} for n in (3, 4)]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "field", "message", "records"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_wrong_line_is_named_and_nothing_stored(
    store: Store, number: int, field: str, message: str, records: Records
) -> None:
    with pytest.raises(HistoryRefused) as refused:
        store(records)

    (error,) = refused.value.errors
    assert (error.line, error.field) == (number, field)
    assert message in error.message
    assert (Case.objects.count(), Item.objects.count(), Notice.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "not JSON in UTF-8"),
        (b'{"type":"item","ref":"\xff"}', "not JSON in UTF-8"),
        (b"[" * 100_000, "not JSON in UTF-8"),
        (b"9" * 5000, "not JSON in UTF-8"),
        (b"[]", "one JSON object"),
        (b'{"type":"item","ref":"a","ref":"b"}', "same field twice"),
    ],
)
def test_line_that_is_no_record(db: None, tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\n" + line + b"\n")

    with pytest.raises(HistoryRefused) as refused:
        import_history(path)

    (error,) = refused.value.errors
    assert error.line == 2
    assert message in error.message


def test_every_wrong_line_is_named_and_what_refers_to_it_is_not(store: Store) -> None:
    records = [item(colour="red"), check(day(2), "live"), notice(channel="pigeon"), answer(day(3), "refused")]

    with pytest.raises(HistoryRefused) as refused:
        store(records)

    found = [(error.line, error.field) for error in refused.value.errors]
    assert found == [(1, "colour"), (3, "channel"), (4, "refusal_code")]


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_file_without_a_record_is_refused(db: None, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(content)

    with pytest.raises(HistoryRefused, match="1 errors"):
        import_history(path)


def test_same_file_again_is_refused(store: Store) -> None:
    case = store([item()])["case"]

    with pytest.raises(HistoryRefused) as refused:
        store([item()])

    assert case in refused.value.errors[0].message
    assert Item.objects.count() == 1


def test_another_file_may_name_the_same_references(store: Store) -> None:
    store([item()])
    store([item(), notice()])

    assert Item.objects.filter(import_reference="i1").count() == 2


def test_dry_run_counts_and_stores_nothing(db: None, write: Callable[[Records], Path]) -> None:
    path = write(ONE_OF_EACH)

    result = import_history(path, dry_run=True)

    assert (result["lines"], result["items"], result["dry_run"]) == (12, 2, True)
    assert (Case.objects.count(), Item.objects.count(), Event.objects.count()) == (0, 0, 0)
    assert import_history(path)["items"] == 2


ENDS: list[tuple[str, dict[str, Any], Records]] = [
    ("found", {"status": "reported", "presence": "live", "last_live_at": instant(day(1))}, []),
    ("gone_before_notice", {"status": "closed", "closed_as": "gone_before_notice", "presence": "gone"},
     [check(day(1, 20), "gone")]),
    ("seen_again_before_notice", {"status": "reported", "closed_as": "", "presence": "live"},
     [check(day(1, 20), "gone"), check(day(2), "live")]),
    ("held", {"status": "on_hold", "status_before": "in_assessment"}, [hold(None)]),
    ("held_once", {"status": "reported", "status_before": ""}, [hold(day(2))]),
    ("notified", {"status": "notified", "received_at": instant(day(2)), "notified_at": instant(day(2))},
     [notice()]),
    ("not_delivered", {"status": "reported", "received_at": None, "notified_at": None},
     [notice(), {"type": "delivery_failed", "notice": "n1", "at": day(2, 13)}]),
    ("claimed", {"claim": "removed", "claims_removal": True, "claim_at": instant(day(3))},
     [notice(), answer(day(3), "removed")]),
    ("disabled_somewhere", {"claim": "access_disabled", "claims_removal": False},
     [notice(), answer(day(3), "access_disabled", territories=["FR"])]),
    ("latest_claim", {"claim": "reinstated", "claims_removal": False},
     [notice(), answer(day(5), "reinstated"), answer(day(3), "removed")]),
    ("watched", {"status": "watching", "presence": "gone", "gone_at": instant(day(4)), "gone_cause": "author",
                 "last_live_at": instant(day(3))},
     [notice(), check(day(3), "live"), check(day(4), "gone", cause="author")]),
    ("perhaps_gone", {"status": "notified", "presence": "perhaps_gone", "gone_at": None},
     [notice(), check(day(4), "gone", method="automatic")]),
    ("gone_by_two_looks", {"status": "watching", "gone_at": instant(day(4))},
     [notice(), *(check(day(4, hour), "gone", method="automatic") for hour in (12, 14))]),
    ("back", {"status": "approved", "presence": "live", "gone_at": None, "reappeared_at": instant(day(6)),
              "watch_until": None},
     [notice(), check(day(4), "gone"), check(day(6), "live")]),
    ("notified_again", {"status": "notified", "received_at": instant(day(7))},
     [notice(), check(day(4), "gone"), check(day(6), "live"), notice("n2", at=day(7))]),
    ("withdrawn", {"status": "closed", "closed_as": "withdrawn", "closed_at": instant(day(5))},
     [notice(), withdrawn(day(5))]),
    ("withdrawn_and_notified", {"status": "notified", "closed_at": None, "received_at": instant(day(7))},
     [notice(), withdrawn(day(5)), notice("n2", at=day(7))]),
    ("restricted", {"presence": "restricted", "last_verdict": "geo_blocked"},
     [notice(), check(day(4), "geo_blocked")]),
    ("not_looked_at", {"presence": "live", "last_verdict": "private", "last_checked_at": instant(day(4))},
     [notice(), check(day(4), "private")]),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "records"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS])
def test_where_an_item_ends(store: Store, expected: dict[str, Any], records: Records) -> None:
    store([item(), *records])

    found = Item.objects.get()
    assert {name: getattr(found, name) for name in expected} == expected


def test_watching_ends_when_the_platforms_watch_window_is_over(store: Store) -> None:
    store([item(), notice(), check(day(4), "gone")])

    found = Item.objects.get()
    assert found.watch_until == datetime(2020, 3, 4, 12, tzinfo=UTC) + timedelta(
        days=found.platform.watch_days
    )


EPISODES: list[tuple[str, list[tuple[int, str, str | None]], Records]] = [
    ("none", [], []),
    ("open", [(1, day(2), None)],
     [notice(), notice("n2", at=day(3)), notice("n3", at=day(4), kind="chaser")]),
    ("chaser_alone", [], [notice(kind="chaser")]),
    ("gone", [(1, day(2), day(4))], [notice(), check(day(4), "gone")]),
    ("withdrawn", [(1, day(2), day(5))], [notice(), withdrawn(day(5))]),
    ("again", [(1, day(2), day(4)), (2, day(7), None)],
     [notice(), check(day(4), "gone"), check(day(6), "live"), notice("n2", at=day(7))]),
    ("gone_already", [], [check(day(1, 20), "gone"), notice()]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "records"), [case[1:] for case in EPISODES], ids=[case[0] for case in EPISODES]
)
def test_episodes(store: Store, expected: list[tuple[int, str, str | None]], records: Records) -> None:
    store([item(), *records])

    found = Episode.objects.order_by("number").values_list("number", "t0", "closed_at")
    assert list(found) == [(n, instant(t0), instant(end) if end else None) for n, t0, end in expected]


NOTICE_ENDS: list[tuple[str, str, Records]] = [
    ("sent", "sent", []),
    ("acknowledged", "acknowledged", [{"type": "acknowledged", "notice": "n1", "at": day(3)}]),
    ("automatically", "sent", [{"type": "acknowledged", "notice": "n1", "at": day(3), "automatic": True}]),
    ("part_answered", "part_answered", [answer(day(3), "removed"), answer(day(4), "reinstated")]),
    ("answered", "answered", [answer(day(3), "removed"), answer(day(4), "removed", ref="i2")]),
    ("failed", "delivery_failed", [{"type": "delivery_failed", "notice": "n1", "at": day(3)}]),
]


@pytest.mark.parametrize(
    ("expected", "records"), [case[1:] for case in NOTICE_ENDS], ids=[case[0] for case in NOTICE_ENDS]
)
def test_where_a_notice_ends(store: Store, expected: str, records: Records) -> None:
    store([item(), item("i2"), notice("n1", "i1", "i2"), *records])

    assert Notice.objects.get().status == expected


def test_command_prints_the_counts(db: None, write: Callable[[Records], Path]) -> None:
    out = StringIO()

    call_command("import_history", str(write(ONE_OF_EACH)), "--format", "json", stdout=out)

    printed = json.loads(out.getvalue())
    assert (printed["lines"], printed["items"], printed["errors"]) == (12, 2, [])


def test_command_says_in_words_what_it_would_store(db: None, write: Callable[[Records], Path]) -> None:
    out = StringIO()

    call_command("import_history", str(write([item()])), "--dry-run", stdout=out)

    assert out.getvalue().startswith("1 records would be stored in case history-")


def test_refusing_command_prints_the_errors_and_exits_1(db: None, write: Callable[[Records], Path]) -> None:
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="Nothing was stored: 1 error") as refused:
        call_command(
            "import_history", str(write([item(kind="x")])), "--format", "json", stdout=out, stderr=err
        )

    printed = json.loads(out.getvalue())
    assert refused.value.returncode == 1
    assert (printed["lines"], [(e["line"], e["field"]) for e in printed["errors"]]) == (1, [(1, "kind")])
    assert err.getvalue().startswith("line 1: kind: “x” is not known")


def test_command_without_its_file_exits_1(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as refused:
        call_command("import_history", str(tmp_path / "nothing.jsonl"))

    assert refused.value.returncode == 1


# -- One letter to several platforms --------------------------------------------------------------------------------


MIXED: Records = [
    item("i1"),
    item("i2", address="https://www.facebook.com/nobody/posts/1002"),
    item("i3"),
    notice("n1", "i1", "i2", "i3"),
    notice("n2", "i1", at=day(20), kind="chaser"),
    answer(day(4), "removed", ref="i2"),
    check(day(5), "gone", item="i2"),
    check(day(5), "live", item="i3"),
]


def test_each_item_of_a_letter_to_several_platforms_counts_under_its_own(store: Store) -> None:
    store(MIXED)
    out = StringIO()

    call_command(
        "takedown_statistics", "--from", "2020-03-01", "--to", "2020-03-31", "--as-at", "2020-04-30T00:00Z",
        "--by", "platform", "--format", "json", stdout=out,
    )  # fmt: skip

    groups = json.loads(out.getvalue())["groups"]
    assert [
        (each["group"], each["S01"]["notified_items"], each["S01"]["notices"], each["S01"]["chasers"],
         each["S03"]["outcomes"]["DOWN_PLATFORM_VERIFIED"])
        for each in groups
    ] == [
        ({}, 3, 1, 1, 1),
        ({"platform": "facebook"}, 1, 1, 0, 1),
        ({"platform": "x"}, 2, 1, 1, 0),
    ]  # fmt: skip


def test_letter_to_several_platforms_is_shown_to_no_liaison(store: Store, liaison: User) -> None:
    store([*MIXED, item("i4"), notice("n3", "i4")])

    seen = Notice.objects.visible_to(liaison).values_list("import_reference", flat=True)

    assert sorted(seen) == ["n2", "n3"]
    assert sorted(Line.objects.visible_to(liaison).values_list("item__import_reference", flat=True)) == [
        "i1",
        "i4",
    ]
