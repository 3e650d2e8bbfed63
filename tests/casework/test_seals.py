"""Histories altered by the owner of the database: every alteration is found, and named."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import Settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from casework import checks, sealing, seals, signing, verification
from casework.chain import FORGED
from casework.models import Check, Event, Item, Seal
from casework.sealing import CannotSeal
from tests.casework.tampering import as_owner, tamper
from tests.factories import exhibit, make_case, make_item, some

pytestmark = pytest.mark.django_db
SHORT = 3  # rows in a seal of these tests


@pytest.fixture
def item(monkeypatch: pytest.MonkeyPatch) -> Item:
    """An item with a history of several tables and several seals."""
    monkeypatch.setattr(sealing, "BATCH", SHORT)
    items = [make_item(case=make_case()) for _ in range(3)]
    for each in items:
        checks.record(each, verdict="live", by=some("officer"))
    exhibit(items[0])
    sealing.seal_history()
    return items[0]


def broken() -> list[str]:
    return verification.verify()["broken"]


def title(number: int) -> str:
    seal = Seal.objects.get(pk=number)
    return (
        f"{seals.named(seal.table)}, seal {number} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC, "
        f"ids {seal.above + 1} to {seal.upto}"
    )


def over(table: str, row: int) -> str:
    """The title of the seal that covers the row."""
    return title(Seal.objects.get(table=table, above__lt=row, upto__gte=row).pk)


def all_rows() -> int:
    return sum(model._base_manager.count() for model in seals.histories())


# -- Untouched -------------------------------------------------------------------------------------


def test_untouched_history_is_whole_and_every_row_of_it_is_sealed(item: Item) -> None:
    found = verification.verify()

    assert found["broken"] == found["remarks"] == []
    assert (found["sealed"], found["unsealed"], found["seals"]) == (all_rows(), 0, Seal.objects.count())
    assert set(Seal.objects.values_list("table", flat=True)) == {
        "casework_check", "casework_description", "casework_event", "casework_evidence",
    }  # fmt: skip
    assert found["last_seal_sha256"] == seals.digest(Seal.objects.last())


def test_rows_not_yet_sealed_are_counted(item: Item) -> None:
    before = all_rows()

    make_item()

    assert (verification.verify()["sealed"], verification.verify()["unsealed"]) == (
        before,
        all_rows() - before,
    )
    assert broken() == []


def test_anybody_can_take_the_digest_again(item: Item) -> None:
    """By the words in casework/seals.py alone, without PostgreSQL's help but for its JSON."""
    seal = Seal.objects.filter(table="casework_event").first()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone TO 'UTC'")
        cursor.execute(
            f"SELECT json_build_array({', '.join(seal.columns)})::text FROM casework_event "
            "WHERE id > %s AND id <= %s ORDER BY id", [seal.above, seal.upto],
        )  # fmt: skip
        lines = [line for (line,) in cursor.fetchall()]

    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == seal.rows_sha256
    assert [json.loads(line)[0] for line in lines] == [row for row, _ in seals.marked(bytes(seal.marks))]


# -- Rows altered ----------------------------------------------------------------------------------


def test_check_moved_by_an_hour_is_found(item: Item) -> None:
    row = item.checks.latest("pk").pk

    tamper("casework_check", "UPDATE casework_check SET at = at + interval '1 hour' WHERE id = %s", row)

    assert broken() == [f"{over('casework_check', row)}: row {row} has been altered"]


def test_changed_actor_is_found(item: Item) -> None:
    row = item.events.first().pk

    tamper("casework_event", "UPDATE casework_event SET actor_id = %s WHERE id = %s", some("auditor").pk, row)

    assert broken() == [f"{over('casework_event', row)}: row {row} has been altered"]


def test_deleted_newest_event_is_found(item: Item) -> None:
    row = Event.objects.latest("pk").pk

    tamper("casework_event", "DELETE FROM casework_event WHERE id = %s", row)

    assert broken() == [f"{over('casework_event', row)}: row {row} is missing"]


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ("GRANT UPDATE ON casework_event TO takedown_web", "may UPDATE on casework_event"),
        ("GRANT UPDATE (reason) ON casework_event TO takedown_web", "may UPDATE on casework_event"),
        ("GRANT DELETE, TRUNCATE ON casework_check TO PUBLIC", "may DELETE, TRUNCATE on casework_check"),
        ("GRANT UPDATE ON casework_seal TO takedown_web", "may UPDATE on casework_seal"),
    ],
)
def test_right_given_to_the_web_role_is_found(grant: str, words: str, item: Item) -> None:
    as_owner(grant)

    assert broken() == [f"the role takedown_web {words}"]


@pytest.mark.parametrize(
    "loosen",
    [
        "ALTER TABLE casework_event DISABLE TRIGGER USER",
        "DROP TRIGGER {trigger} ON casework_event",
        "CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE OR REPLACE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON casework_event "
        "FOR EACH ROW WHEN (OLD.id < 0) EXECUTE FUNCTION {trigger}()",
        "CREATE OR REPLACE TRIGGER {trigger} BEFORE UPDATE ON casework_event FOR EACH ROW EXECUTE FUNCTION {trigger}()",
    ],
)
def test_loosened_trigger_is_found(loosen: str, item: Item) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'casework_event'::regclass AND tgname ~ 'append_only'"
        )
        (trigger,) = cursor.fetchone()

    as_owner(loosen.format(trigger=trigger))

    assert broken() == ["casework_event has lost its append-only trigger"]


def test_trigger_told_to_let_everything_through_is_found(item: Item) -> None:
    as_owner(
        "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean "
        "LANGUAGE sql AS 'SELECT true'"
    )

    assert broken() == ["the function _pgtrigger_should_ignore lets every change through"]


def test_no_column_of_an_event_can_be_altered_unseen(item: Item) -> None:
    row = Event.objects.filter(item=item).first()
    others = {
        "id": 10**9, "case_id": None, "item_id": None, "actor_id": some("auditor").pk, "kind": "item.other",
        "details": '{"a": 1}', "at": row.at + timedelta(microseconds=1),
        "recorded_at": row.recorded_at - timedelta(microseconds=1),
    }  # fmt: skip

    for column in seals.history_columns(Event):
        with transaction.atomic():
            other = others.get(column, "other")
            tamper("casework_event", f"UPDATE casework_event SET {column} = %s WHERE id = %s", other, row.pk)
            what = "is missing" if column == "id" else "has been altered"
            assert f"{over('casework_event', row.pk)}: row {row.pk} {what}" in broken(), column
            transaction.set_rollback(True)
    assert broken() == []


def test_exchanged_rows_are_found(item: Item) -> None:
    first, second = Event.objects.order_by("pk")[:2]

    tamper(
        "casework_event",
        "UPDATE casework_event SET recorded_at = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)",
        first.pk, second.recorded_at, first.recorded_at, first.pk, second.pk,
    )  # fmt: skip

    where = over("casework_event", first.pk)
    assert broken() == [f"{where}: row {row.pk} has been altered" for row in (first, second)]


@pytest.mark.parametrize("gap", [-5, 0])
def test_row_slipped_in_among_sealed_ones_is_found(gap: int, item: Item) -> None:
    columns = ", ".join(column for column in seals.history_columns(Check) if column != "id")

    tamper(
        "casework_check",
        f"INSERT INTO casework_check (id, {columns}) SELECT %s, {columns} FROM casework_check LIMIT 1",
        gap,
    )

    first = Seal.objects.filter(table="casework_check").first()
    assert broken() == [f"{title(first.pk)}: row {gap} was added later"]


def test_only_the_first_rows_of_a_seal_are_named(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2000)
    rows = [make_item().events.get().pk for _ in range(8)]
    sealing.seal_history()

    tamper("casework_event", "UPDATE casework_event SET reason = 'x' WHERE id = ANY(%s)", rows)

    where = over("casework_event", rows[0])
    assert broken() == [f"{where}: row {row} has been altered" for row in rows[:5]] + [
        f"{where}: and 3 more rows"
    ]


def test_emptied_table_is_found(item: Item) -> None:
    tamper("casework_check", "DELETE FROM casework_check")

    assert broken() == [
        f"{title(seal.pk)}: row {row} is missing"
        for seal in Seal.objects.filter(table="casework_check")
        for row, _ in seals.marked(bytes(seal.marks))
    ]


def test_lost_column_is_found(item: Item) -> None:
    as_owner("ALTER TABLE casework_check DROP COLUMN marker")

    assert broken() == [
        f"{title(seal.pk)}: its rows cannot be read any more: marker is not known here"
        for seal in Seal.objects.filter(table="casework_check")
    ]


def test_command_names_the_first_place_and_fails(item: Item, capsys: pytest.CaptureFixture) -> None:
    rows = list(Event.objects.order_by("pk").values_list("pk", flat=True)[:2])
    tamper("casework_event", "UPDATE casework_event SET reason = 'x' WHERE id = ANY(%s)", rows)

    with pytest.raises(CommandError, match=f"row {rows[0]} has been altered") as failed:
        call_command("verify_history", "--format", "json")

    printed = capsys.readouterr()
    assert failed.value.returncode == 1
    assert json.loads(printed.out)["broken"] == broken()
    assert f"row {rows[1]} has been altered" in printed.err


# -- Seals altered ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "rows_sha256 = repeat('0', 64)", "rows = rows + 1", "marks = ''", "previous = repeat('0', 64)", "key = 'x'",
        "sealed_at = sealed_at + interval '1 hour'", "signature = repeat('A', 86) || '=='", "columns = '[\"id\"]'",
    ],
)  # fmt: skip
def test_altered_seal_is_found(change: str, item: Item) -> None:
    tamper("casework_seal", f"UPDATE casework_seal SET {change} WHERE id = 2")

    assert broken()[0].endswith(FORGED)


def test_seal_taken_out_of_the_middle_is_found(item: Item) -> None:
    tamper("casework_seal", "DELETE FROM casework_seal WHERE id = 2")

    assert broken()[0] == f"{title(3)}: the seal before it is missing: the last one is seal 1"


def forge(settings: Settings, rewrite: Callable[[], None]) -> None:
    """What somebody can do who owns the database and has everything but key and anchor: seal all anew."""
    rewrite()
    tamper("casework_seal", "DELETE FROM casework_seal")
    real = settings.SEAL_KEY_FILE, settings.SEAL_ANCHOR_FILE
    settings.SEAL_KEY_FILE, settings.SEAL_ANCHOR_FILE = (
        path.with_name(f"forged-{path.name}") for path in real
    )
    sealing.seal_history()
    settings.SEAL_KEY_FILE, settings.SEAL_ANCHOR_FILE = real


def rewrite_one_event() -> None:
    tamper(
        "casework_event",
        "UPDATE casework_event SET actor_name = 'Somebody else' WHERE id = (SELECT min(id) FROM casework_event)",
    )


def test_history_rewritten_and_sealed_with_another_key_is_found(item: Item, settings: Settings) -> None:
    forge(settings, rewrite_one_event)

    assert "it is signed with a key that is not ours" in broken()[0]
    with pytest.raises(CannotSeal, match="has not"):
        sealing.seal_history()


def test_history_rewritten_with_our_own_key_is_found_by_the_anchor(item: Item, settings: Settings) -> None:
    rewrite_one_event()
    tamper("casework_seal", "DELETE FROM casework_seal")
    real, settings.SEAL_ANCHOR_FILE = settings.SEAL_ANCHOR_FILE, settings.SEAL_ANCHOR_FILE.with_name("forged")
    sealing.seal_history()
    settings.SEAL_ANCHOR_FILE = real

    assert (
        broken()[0]
        == f"{title(1)}: the anchor knows another seal of this number: seals and rows have been written anew"
    )


def cut_the_end() -> None:
    """The last seal, and the rows that it covers."""
    last = Seal.objects.last()
    tamper(last.table, f"DELETE FROM {last.table} WHERE id > %s", last.above)
    tamper("casework_seal", "DELETE FROM casework_seal WHERE id = %s", last.pk)


def test_end_cut_from_rows_and_seals_is_found_by_the_anchor(item: Item) -> None:
    count = Seal.objects.count()

    cut_the_end()

    assert broken()[0].startswith(
        f"the histories end with seal {count - 1}, but the anchor knows {count} seals"
    )
    with pytest.raises(CannotSeal, match=f"knows seal {count}, which this database has not"):
        sealing.seal_history()


def test_everything_emptied_is_found_by_the_anchor(item: Item) -> None:
    for table in ("casework_seal", "casework_check", "casework_event", "casework_evidence"):
        tamper(table, f"DELETE FROM {table}")

    assert broken()[0].startswith("the histories end with seal 0, but the anchor knows")


def test_anchor_cut_too_is_found_by_a_copy_of_it(item: Item, settings: Settings) -> None:
    lines = settings.SEAL_ANCHOR_FILE.read_text().splitlines(keepends=True)
    copy = settings.SEAL_ANCHOR_FILE.with_name("copy")
    copy.write_text("".join(lines))
    settings.SEAL_ANCHOR_FILE.write_text("".join(lines[:-1]))
    cut_the_end()

    assert verification.verify(anchor_file=copy)["broken"][0].startswith("the histories end with seal")
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_history", "--anchor", str(copy.with_name("nowhere")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [b"nonsense\n", *lines[1:]], "line 1 of the anchor cannot be read"),
        (lambda lines: [*lines[:1], *lines[2:]], "the anchor does not know it, though it knows later ones"),
        (
            lambda lines: [lines[0], lines[1].replace(b'"digest":"', b'"digest":"0')[:-1] + b"\n"],
            "the anchor knows another",
        ),
    ],
)
def test_altered_anchor_is_found(change: Callable, words: str, item: Item, settings: Settings) -> None:
    lines = settings.SEAL_ANCHOR_FILE.read_bytes().splitlines(keepends=True)

    settings.SEAL_ANCHOR_FILE.write_bytes(b"".join(change(lines)))

    assert any(words in place for place in broken())


def test_seal_that_the_site_itself_forged_stops_the_sealer(item: Item) -> None:
    """The web role may add rows; a seal without the key is none."""
    last = Seal.objects.last()
    Seal.objects.create(
        id=last.pk + 1, table="casework_event", columns=["id"], above=last.upto, upto=last.upto + 1, rows=0,
        rows_sha256="0" * 64, marks=b"", previous=seals.digest(last), key=last.key, signature=last.signature,
    )  # fmt: skip

    with pytest.raises(CannotSeal, match="not signed by us"):
        sealing.seal_history()
    assert broken() == [f"{title(last.pk + 1)}: {FORGED}"]


# -- The key ---------------------------------------------------------------------------------------


def test_key_is_readable_by_its_owner_alone(item: Item, settings: Settings) -> None:
    assert settings.SEAL_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert signing.known_keys() == {Seal.objects.first().key}


def test_lost_key_is_not_quietly_replaced(item: Item, settings: Settings) -> None:
    settings.SEAL_KEY_FILE.unlink()
    make_item()

    with pytest.raises(CannotSeal, match="is missing"):
        sealing.seal_history()
    call_command("seal_history", "--new-key")

    assert broken() == []
    assert len(signing.known_keys()) == Seal.objects.values("key").distinct().count() == 2


def test_unreadable_key_is_named(item: Item, settings: Settings) -> None:
    settings.SEAL_KEY_FILE.write_text("no key")

    with pytest.raises(CommandError, match="cannot be read") as refused:
        call_command("seal_history")
    assert refused.value.returncode == 1


def test_without_the_list_of_keys_a_remark_says_what_was_not_compared(item: Item) -> None:
    signing.public_keys_file().unlink()

    found = verification.verify()

    assert found["broken"] == []
    assert "signatures were compared with the keys that the seals name" in found["remarks"][0]
