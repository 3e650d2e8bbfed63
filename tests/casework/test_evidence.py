"""Exhibits: kept byte for byte under their hash, and every change of a file is found."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.conf import Settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from casework import evidence, store, verification
from casework.models import Check, Description, Event, Evidence, Item
from tests.casework.tampering import tamper
from tests.factories import PIXEL, exhibit, make_item

pytestmark = pytest.mark.django_db

ALL_BYTES = bytes(range(256)) * 300


@pytest.mark.parametrize("content", [ALL_BYTES, io.BytesIO(ALL_BYTES)], ids=["bytes", "file"])
def test_exhibit_comes_out_as_it_went_in(content: bytes | io.BytesIO, officer: User) -> None:
    kept = evidence.attach(make_item(), content=content, filename="page.mhtml", kind="capture", by=officer)

    with evidence.open_exhibit(kept) as stream:
        assert stream.read() == ALL_BYTES
    assert (kept.sha256, kept.size) == (hashlib.sha256(ALL_BYTES).hexdigest(), len(ALL_BYTES))
    assert store.get(kept.sha256) == ALL_BYTES


def test_attaching_is_recorded_with_the_hash(officer: User) -> None:
    item = make_item()

    kept = evidence.attach(item, content=PIXEL, filename="seen.png", by=officer)

    event = item.events.get(kind="evidence.attached")
    assert event.details == {"filename": "seen.png", "sha256": kept.sha256}
    assert kept.media_type == "image/png"


def test_same_bytes_are_stored_once_and_cannot_be_written_to(officer: User) -> None:
    first, second = (exhibit(make_item()) for _ in range(2))

    path = store.path(first.sha256)
    assert first.sha256 == second.sha256
    assert [entry.name for entry in path.parent.iterdir()] == [first.sha256]
    assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\someone\\shot.png", "shot.png"),
        ("a\r\nb\x00\u202egnp.exe", "abgnp.exe"),
        ("", "exhibit"),
        ("é" * 300 + ".png", ("é" * 300 + ".png")[-200:]),
    ],
)
def test_name_is_only_a_name(filename: str, kept: str, officer: User) -> None:
    assert evidence.attach(make_item(), content=PIXEL, filename=filename, by=officer).filename == kept


def test_empty_too_large_or_future_exhibit_is_refused(officer: User, settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    item = make_item()

    with pytest.raises(ValidationError, match=r"“a\.png” is empty\. Send a file of 1 byte to 10 bytes\."):
        evidence.attach(item, content=b"", filename="a.png", by=officer)
    with pytest.raises(ValidationError, match=r"“a\.png” is larger than 10 bytes"):
        evidence.attach(item, content=io.BytesIO(b"x" * 11), filename="a.png", by=officer)
    with pytest.raises(ValidationError, match="future"):
        evidence.attach(
            item, content=b"x", filename="a.png", captured_at=timezone.now() + timedelta(days=1), by=officer
        )
    assert not Evidence.objects.exists()


def test_auditor_attaches_nothing(auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        evidence.attach(make_item(), content=PIXEL, filename="a.png", by=auditor)


# -- Verification ----------------------------------------------------------------------------------


def flip(path_of: str, place: int) -> None:
    path = store.path(path_of)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)


def test_untouched_history_is_a_clean_bill(officer: User, capsys: pytest.CaptureFixture[str]) -> None:
    exhibit(make_item())

    call_command("verify_history")

    rows = sum(model.objects.count() for model in (Check, Description, Event, Evidence))
    assert capsys.readouterr().out == (
        f"1 exhibits and {Event.objects.count()} events are as they were written.\n"
        f"0 rows of all histories are sealed, {rows} not yet.\n"
    )


def test_every_flipped_byte_is_found(officer: User) -> None:
    kept = exhibit(make_item())

    for place in range(len(PIXEL)):
        flip(kept.sha256, place)
        assert [broken.problem for broken in evidence.rehash()] == ["altered"], place
        flip(kept.sha256, place)
    assert evidence.rehash() == []


def test_altered_and_missing_files_are_named_and_the_command_fails(officer: User) -> None:
    altered = exhibit(make_item())
    missing = evidence.attach(
        make_item(), content=ALL_BYTES, filename="page.html", kind="capture", by=officer
    )
    flip(altered.sha256, 5)
    store.path(missing.sha256).unlink()

    assert verification.verify()["broken"] == [
        f"exhibit {missing.pk} of {missing.item} is missing",
        f"exhibit {altered.pk} of {altered.item} is altered",
    ]
    with pytest.raises(CommandError, match=f"First broken place: exhibit {missing.pk}") as failed:
        call_command("verify_history")
    assert failed.value.returncode == 1


def test_status_changed_behind_the_history_is_found() -> None:
    item = make_item()
    Item.objects.filter(pk=item.pk).update(status="in_assessment")

    assert verification.verify()["broken"] == [
        f"item {item.reference} is in_assessment, but its last event made it reported"
    ]


def test_item_changed_behind_its_descriptions_is_found() -> None:
    item = make_item()
    tamper("casework_item", "UPDATE casework_item SET kind = 'video'")

    assert verification.verify()["broken"] == [f"item {item.reference} is not what its last description says"]


def test_lost_trigger_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE casework_event DISABLE TRIGGER USER")

    assert verification.verify()["broken"] == ["casework_event has lost its append-only trigger"]


@pytest.mark.parametrize(
    "statement", ["UPDATE casework_event SET actor_name = 'x'", "DELETE FROM casework_event"]
)
@pytest.mark.parametrize("role", ["web", "owner"])
def test_events_are_never_changed_by_the_site_nor_by_its_owner(statement: str, role: str) -> None:
    make_item()
    before = list(Event.objects.values_list("pk", "actor_name"))

    with transaction.atomic(), connection.cursor() as cursor:
        if role == "owner":
            cursor.execute("RESET ROLE")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)

    assert list(Event.objects.values_list("pk", "actor_name")) == before
