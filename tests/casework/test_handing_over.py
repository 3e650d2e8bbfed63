"""Exhibits handed over: every altered byte is found by the program that comes with them, and by nothing else."""

import io
import json
import subprocess
import sys
import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import Settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from casework import handing_over, sealing, signing, store, verify_exhibits
from casework.captures import Clock, Given, keep
from casework.handing_over import hand_over
from casework.models import Event, Evidence, Item, Timestamp
from tests.factories import PIXEL, exhibit, make_item, see_live, some

AT = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_key(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEY_FILE, settings.SEAL_ANCHOR_FILE = tmp_path / "seal_key", tmp_path / "seals.jsonl"


@pytest.fixture
def item(transactional_db: None) -> Item:
    """An item with an exhibit of a person's, a look with two captures, a timestamp, and a sealed history."""
    item = make_item(title="Übung")
    attached = exhibit(item, filename="../../etc/pass\x07wd.PNG", description="As seen")
    see_live(item)
    given = [Given("text", store.put(b"Ein Angebot")), Given("screenshot", store.put(PIXEL + b"."))]
    keep([(item.checks.get(), given)], clock=Clock("ntp", 3, -1), by=some(Role.OFFICER))
    token = b"\x30token" + bytes.fromhex(attached.sha256) + b"end"
    Timestamp.objects.create(sha256=attached.sha256, token=token, stamped_at=AT, authority="An authority")
    sealing.seal_history()
    return item


def handed(item: Item, **given: Any) -> bytes:
    wanted = {
        "recipient": "A court",
        "reason": "It asked for them",
        "by": some(Role.REVIEWER),
        "at": AT,
        **given,
    }
    with hand_over(item, **wanted).file as file:
        return file.read()


def unpacked(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files: dict[str, bytes], place: Path) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return place


def verified(place: Path, *more: str) -> tuple[int, list[str]]:
    """What the program in the archive says, run by Python alone, outside of everything of ours."""
    program = place.parent / "verify.py"
    program.write_bytes(handing_over.VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), *more, str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_an_archive_is_whole(item: Item, tmp_path: Path) -> None:
    archive = handed(item)
    (tmp_path / "a.zip").write_bytes(archive)
    key = json.loads(unpacked(archive)["signature.json"])["key"]

    assert verified(tmp_path / "a.zip") == (0, ["All is as it was handed over."])
    assert verified(tmp_path / "a.zip", "--key", key) == (0, ["All is as it was handed over."])


def test_an_unpacked_archive_is_whole(item: Item, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(handed(item))) as archive:
        archive.extractall(folder)

    assert verified(folder) == (0, ["All is as it was handed over."])


def test_what_an_archive_tells(item: Item) -> None:
    files = unpacked(handed(item))
    manifest = json.loads(files["manifest.json"])
    told = {each["file"]: each for each in manifest["files"]}

    assert sorted(files) == sorted(["manifest.json", "signature.json", *told])
    first, text, picture = (each for name, each in told.items() if name.startswith("exhibits/"))
    assert (first["filename"], text["shows"], picture["shows"]) == ("passwd.PNG", "text", "screenshot")
    assert text["clock"] == {"source": "ntp", "error_ms": 3, "offset_ms": -1}
    assert text["look"]["verdict"] == "live"
    assert manifest["item"]["title"] == "Übung"
    assert manifest["disclosure"]["recipient"] == "A court"
    assert all(entry["seal"] for entry in manifest["history"])
    assert [files[text["file"]], files[picture["file"]]] == [b"Ein Angebot", PIXEL + b"."]


def test_the_same_content_gives_the_same_bytes(item: Item) -> None:
    exhibits = list(item.exhibits.order_by("pk"))
    disclosure = handing_over.Disclosure("A court", "It asked", AT, "Somebody")

    with (
        handing_over.archive(item, exhibits, disclosure) as once,
        handing_over.archive(item, exhibits, disclosure) as again,
    ):
        assert once.read() == again.read()


def test_names_are_of_our_own_making(item: Item) -> None:
    names = list(unpacked(handed(item)))

    assert [
        name for name in names if ".." in name or name.startswith("/") or "\\" in name or not name.isascii()
    ] == []
    assert sorted(name.rpartition("/")[0] for name in names) == [
        "",
        "",
        "",
        "",
        "exhibits",
        "exhibits",
        "exhibits",
        "timestamps",
    ]


def test_every_altered_file_is_found(item: Item, tmp_path: Path) -> None:
    files = unpacked(handed(item))
    for name, content in files.items():
        for place in {0, len(content) // 3, len(content) // 2, len(content) - 1}:
            altered = bytearray(content)
            altered[place] ^= 1
            found = verify_exhibits.check(
                verify_exhibits.Packed(packed({**files, name: bytes(altered)}, tmp_path / "a.zip"))
            )
            assert found, (name, place)


@pytest.mark.parametrize(
    "part",
    [
        "size",
        "sha256",
        "captured_at",
        "attached_by",
        "recipient",
        "reason",
        "row",
        "marks",
        "signature",
        "reference",
        "source",
    ],
)
def test_every_altered_statement_is_found_even_if_its_author_signs_anew(
    item: Item, tmp_path: Path, part: str
) -> None:
    """Signed by another, all must fit together still; and with our key at hand the forger is found in any case."""
    files = unpacked(handed(item))
    ours = json.loads(files["signature.json"])["key"]
    manifest = _altered(json.loads(files["manifest.json"]), part)
    content = verify_exhibits.canonical(manifest)
    unsigned = packed({**files, "manifest.json": content}, tmp_path / "unsigned.zip")
    key = Ed25519PrivateKey.generate()
    signature = {"key": signing.public_half(key), "signature": signing.sign(content, key)}
    forged = packed(
        {**files, "manifest.json": content, "signature.json": json.dumps(signature).encode()},
        tmp_path / "forged.zip",
    )

    assert verified(unsigned)[0] == 1
    assert verified(forged, "--key", ours)[0] == 1
    assert verified(forged)[0] == (1 if part in {"size", "sha256", "row", "marks", "signature"} else 0)


def _altered(content: Any, part: str) -> Any:
    """The manifest with each value of this name changed."""
    if isinstance(content, dict):
        return {
            name: _other(value) if name == part else _altered(value, part) for name, value in content.items()
        }
    return [_altered(each, part) for each in content] if isinstance(content, list) else content


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return ("A" if value[:1] != "A" else "B") + value[1:]


def test_a_file_more_or_less_is_found(item: Item, tmp_path: Path) -> None:
    files = unpacked(handed(item))
    more = packed({**files, "exhibits/999-more.txt": b"more"}, tmp_path / "more.zip")
    name = next(name for name in files if name.startswith("exhibits/"))
    less = packed(
        {other: content for other, content in files.items() if other != name}, tmp_path / "less.zip"
    )

    assert verified(more) == (
        1,
        ["exhibits/999-more.txt: the manifest does not know it", "NOT as it was handed over."],
    )
    assert verified(less) == (1, [f"{name}: it is missing", "NOT as it was handed over."])


def test_a_file_that_is_there_twice_is_found(item: Item, tmp_path: Path) -> None:
    files = unpacked(handed(item))
    name = next(name for name in files if name.startswith("exhibits/"))
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        warnings.simplefilter("ignore")  # the library warns of what is tried here
        archive.writestr(name, b"what some programs unpack")
        for each, content in files.items():
            archive.writestr(each, content)

    assert verified(tmp_path / "twice.zip") == (
        1,
        [f"{name}: it is there twice", "NOT as it was handed over."],
    )


def test_a_key_counts_wherever_it_is_given(item: Item, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(handed(item))
    program = tmp_path / "verify.py"
    program.write_bytes(handing_over.VERIFIER.read_bytes())
    asked = [[str(tmp_path / "a.zip"), "--key", "other"], ["--key"], ["a.zip", "b.zip"], ["--keys", "x"]]

    codes = [
        subprocess.run(
            [sys.executable, "-I", str(program), *given], capture_output=True, check=False
        ).returncode
        for given in asked
    ]

    assert codes == [1, 2, 2, 2]


def test_a_cut_off_archive_and_a_folder_of_something_else(item: Item, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(handed(item)[:-100])
    (tmp_path / "other").mkdir()

    assert verified(tmp_path / "a.zip")[0] == 1
    assert verified(tmp_path / "other")[0] == 1


@pytest.mark.parametrize("length", [0, 1, 300])
def test_signatures_are_checked_as_the_library_does(length: int) -> None:
    key, content = Ed25519PrivateKey.generate(), b"x" * length
    signature, public = signing.sign(content, key), signing.public_half(key)

    assert verify_exhibits.is_signed(content, public, signature)
    assert not verify_exhibits.is_signed(content + b"y", public, signature)
    assert not verify_exhibits.is_signed(
        content, signing.public_half(Ed25519PrivateKey.generate()), signature
    )
    assert not verify_exhibits.is_signed(
        content, public, "A" + signature[1:] if signature[0] != "A" else "B" + signature[1:]
    )
    assert not verify_exhibits.is_signed(content, "no key", signature)


def test_handing_over_is_kept_in_the_history(item: Item) -> None:
    archive = handed(item)

    event = Event.objects.get(kind="evidence.disclosed")
    assert event.details == {"recipient": "A court", "files": 3, "sha256": store.put(archive)}
    assert event.reason == "It asked for them"


def test_a_broken_exhibit_is_not_handed_over(item: Item) -> None:
    path = store.path(Evidence.objects.filter(item=item).first().sha256)
    path.chmod(0o640)
    path.write_bytes(b"altered")

    with pytest.raises(ValidationError, match="Nothing was handed over"):
        handed(item)
    assert not Event.objects.filter(kind="evidence.disclosed").exists()


@pytest.mark.parametrize("given", [{"recipient": " "}, {"reason": ""}])
def test_to_whom_and_why_must_be_said(item: Item, given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="Say to whom"):
        handed(item, **given)


def test_an_officer_alone_hands_nothing_over(item: Item) -> None:
    with pytest.raises(PermissionDenied):
        handed(item, by=some(Role.OFFICER))


def test_by_the_page(client: Client, reviewer: User, item: Item) -> None:
    client.force_login(reviewer)

    response = client.post(
        f"/items/{item.reference}/evidence/hand-over/", {"recipient": "A court", "reason": "Asked"}
    )

    content = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == f'attachment; filename="exhibits-{item.reference}.zip"'
    assert "verify.py" in unpacked(content)


def test_an_item_without_exhibits_says_so(client: Client, reviewer: User, db: None) -> None:
    client.force_login(reviewer)

    response = client.post(
        f"/items/{make_item().reference}/evidence/hand-over/", {"recipient": "A court", "reason": "Asked"}
    )

    assert response.status_code == 422
    assert "This item has no exhibits to hand over." in response.content.decode()
