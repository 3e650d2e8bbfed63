"""Bundles: many files in one request, each kept or refused by itself."""

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import Settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.roles import Role
from casework import bundles, captures, checkers, store
from casework.bundles import Received, RefusedFile, receive_bundle
from casework.captures import Given
from tests.factories import make_item, see_live, some

FILES = [b"one", b"two\nlines", b"\x00" * 100]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def bundle(*files: bytes) -> bytes:
    return b"".join(f"{sha(each)} {len(each)}\n".encode() + each for each in files)


def kept(settings: Settings) -> list[bytes]:
    return sorted(each.read_bytes() for each in Path(settings.EVIDENCE_DIR).rglob("*") if each.is_file())


def test_files_are_kept_and_those_that_are_known_counted() -> None:
    first = receive_bundle(BytesIO(bundle(*FILES[:2])))
    second = receive_bundle(BytesIO(bundle(*FILES)))

    assert (first, second) == (Received(kept=2), Received(kept=1, known=2))
    assert [store.waiting(sha(each)).read_bytes() for each in FILES] == FILES


def test_file_waits_until_a_look_names_it_and_is_cleared_if_none_does(db: None, settings: Settings) -> None:
    receive_bundle(BytesIO(bundle(*FILES)))
    named, unnamed, again = map(sha, FILES)
    month = timezone.now() - captures.UNNAMED - timedelta(minutes=1)
    for file in FILES:
        os.utime(store.waiting(sha(file)), (month.timestamp(),) * 2)
    item = make_item()
    see_live(item)

    captures.keep(
        [(item.checks.get(), [Given("text", named)])], clock=captures.UNKNOWN_CLOCK, by=some(Role.OFFICER)
    )
    receive_bundle(BytesIO(bundle(FILES[2])))

    assert (captures.clear_unnamed(), captures.clear_unnamed()) == (1, 0)
    assert [store.find(each) for each in (named, unnamed, again)] == [
        store.path(named),
        None,
        store.waiting(again),
    ]
    assert store.get(named) == FILES[0]


def test_nothing_sent_is_nothing_kept(settings: Settings) -> None:
    assert (receive_bundle(BytesIO()), kept(settings)) == (Received(), [])


def test_file_that_is_refused_does_not_hold_up_the_others(settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 50
    altered = f"{sha(b'a')} 3\nxyz".encode()

    received = receive_bundle(BytesIO(bundle(FILES[0]) + altered + bundle(FILES[2], b"", FILES[1])))

    assert (received.kept, kept(settings)) == (2, sorted(FILES[:2]))
    assert received.refused == [
        RefusedFile(sha(b"a"), f"what came has the SHA-256 {sha(b'xyz')}, not {sha(b'a')}"),
        RefusedFile(sha(FILES[2]), "The file is larger than 50 bytes, the most that is kept of one."),
        RefusedFile(sha(b""), "The file is empty. Send none instead."),
    ]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (b"x" * 200, "File 2 must begin with a line of its SHA-256"),
        (b"0" * 64 + b" -1\n", "File 2 must begin with"),
        (b"A" * 64 + b" 1\na", "File 2 must begin with"),
        (b"0" * 64 + b" 1", "File 2 must begin with"),
        (bundle(FILES[1])[:-2], "File 2 ends 2 bytes before its size"),
    ],
)
def test_bundle_that_cannot_be_read_on_says_where(settings: Settings, broken: bytes, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        receive_bundle(BytesIO(bundle(FILES[0]) + broken))

    assert kept(settings) == FILES[:1]


def test_bundle_has_so_many_files_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MOST", 2)

    assert receive_bundle(BytesIO(bundle(*FILES[:2]))) == Received(kept=2)
    with pytest.raises(ValidationError, match="at most 2 files"):
        receive_bundle(BytesIO(bundle(*FILES)))


@pytest.mark.parametrize(
    ("content", "status"),
    [(bundle(*FILES), 200), (b"", 200), (b"nonsense", 400)],
    ids=["files", "none", "no bundle"],
)
def test_bundle_comes_by_the_api(db: None, content: bytes, status: int) -> None:
    api = APIClient()
    api.force_authenticate(checkers.add_checker("London", country="GB", by=some(Role.ADMINISTRATOR))[0].user)

    response = api.put("/api/v1/blobs/many/", content, content_type="application/octet-stream")

    assert response.status_code == status
