"""Handing exhibits over: an archive that whoever receives it can check without us.

The same exhibits, handed to the same recipient at the same moment, give the same bytes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from psycopg import sql

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, evidence, seals, signing, store
from casework.models import Event, Evidence, Item, Seal, Timestamp

FORM = 1
MOST_BYTES = 2_000_000_000  # of one archive
TOLD = ("evidence.", "check.", "item.identified", "item.imported")  # events that are told with exhibits
VERIFIER = Path(__file__).with_name("verify_exhibits.py")
README = """Exhibits of {reference}

manifest.json   what is here: each file with its size and SHA-256, who took it when and by which clock, the looks
                it belongs to, and the entries of the history about them with the seals that cover them
signature.json  our signature of manifest.json (Ed25519) and the public key
exhibits/       the files, byte for byte as they are kept
timestamps/     what a timestamp authority confirmed of a file (RFC 3161), if there is one
verify.py       checks all of this; needs Python 3.11 and nothing else

    python verify.py --key KEY

KEY is our public key. Ask us for it, or compare it with the one that we publish: a key that comes with an archive
proves only that nothing was changed since whoever made it. A timestamp is checked against its authority's
certificate with
    openssl ts -verify -in timestamps/NAME.tsr -data exhibits/NAME -CAfile AUTHORITY.pem

Times are in UTC. The content may be distressing, and may be unlawful to pass on.
"""


@dataclass(frozen=True)
class HandedOver:
    """`file` stands at its beginning; whoever takes it closes it."""

    file: IO[bytes]
    sha256: str
    filename: str


@dataclass(frozen=True)
class Disclosure:
    """To whom the exhibits go, why, when and by whom."""

    recipient: str
    reason: str
    at: datetime
    by: str


def hand_over(item: Item, *, recipient: str, reason: str, by: User, at: datetime | None = None) -> HandedOver:
    """All exhibits of the item as an archive; that they were handed over is kept.

    Raises `ValidationError` where there are none, where they are too many, or where a file is not what it was.
    """
    require(by, Permission.DISCLOSE_EVIDENCE)
    disclosure = Disclosure(recipient.strip(), reason.strip(), at or timezone.now(), by.name)
    if not disclosure.recipient or not disclosure.reason:
        raise ValidationError("Say to whom the exhibits go, and why.")
    exhibits = list(item.exhibits.select_related("attached_by", "capture__look").order_by("pk"))
    _refuse(exhibits)
    with transaction.atomic():
        file = archive(item, exhibits, disclosure)
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.seek(0)
        details = {"recipient": disclosure.recipient, "files": len(exhibits), "sha256": digest}
        events.record(
            "evidence.disclosed",
            by=by,
            at=disclosure.at,
            item=item,
            reason=disclosure.reason,
            details=details,
        )
    return HandedOver(file, digest, f"exhibits-{item.reference}.zip")


def _refuse(exhibits: Sequence[Evidence]) -> None:
    if not exhibits:
        raise ValidationError("This item has no exhibits to hand over.")
    if sum(each.size for each in exhibits) > MOST_BYTES:
        raise ValidationError(f"Together they are larger than {filesizeformat(MOST_BYTES)}.")
    if broken := evidence.rehash(exhibits):
        names = ", ".join(f"{each.evidence.filename} ({each.problem})" for each in broken[:5])
        raise ValidationError(f"Not everything is as it was written: {names}. Nothing was handed over.")


def archive(item: Item, exhibits: Sequence[Evidence], disclosure: Disclosure) -> IO[bytes]:
    """The archive, from its beginning; the same bytes for the same content."""
    readme = README.format(reference=item.reference).encode()
    texts = {"README.txt": readme, "verify.py": VERIFIER.read_bytes()}
    stamps = Timestamp.objects.filter(sha256__in=[each.sha256 for each in exhibits]).in_bulk(
        field_name="sha256"
    )
    named = {each.pk: _name(number, each) for number, each in enumerate(exhibits, 1)}
    tokens = {
        f"timestamps/{Path(named[each.pk]).name}.tsr": (each.sha256, bytes(stamps[each.sha256].token))
        for each in exhibits
        if each.sha256 in stamps
    }
    files = [{"file": named[each.pk], **_told(each)} for each in exhibits]
    files += [{"file": name, **_of(token), "stamps": sha256} for name, (sha256, token) in tokens.items()]
    files += [{"file": name, **_of(content)} for name, content in texts.items()]
    history, sealing = _history(item)
    manifest = seals.canonical(
        {
            "form": FORM,
            "item": _item(item),
            "disclosure": {
                **vars(disclosure),
                "at": _utc(disclosure.at),
                "office": settings.SENDER_ORGANISATION,
            },
            "files": files,
            "history": history,
            "seals": sealing,
        }
    )
    key = signing.private_key(may_make=not Seal.objects.exists())
    signed = {"key": signing.public_half(key), "signature": signing.sign(manifest, key)}
    texts |= {"manifest.json": manifest, "signature.json": seals.canonical(signed)}
    return _packed(
        texts,
        {name: token for name, (_, token) in tokens.items()},
        {named[each.pk]: each for each in exhibits},
    )


def _packed(texts: dict[str, bytes], tokens: dict[str, bytes], exhibits: dict[str, Evidence]) -> IO[bytes]:
    file: Any = SpooledTemporaryFile(max_size=20_000_000)  # noqa: SIM115 - whoever takes it closes it
    with ZipFile(file, "w", ZIP_STORED) as packed:
        for name, content in sorted({**texts, **tokens}.items()):
            packed.writestr(_entry(name), content)
        for name, exhibit in sorted(exhibits.items()):
            with store.path(exhibit.sha256).open("rb") as source, packed.open(_entry(name), "w") as target:
                while block := source.read(1024**2):
                    target.write(block)
    file.seek(0)
    return file


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    return entry


def _name(number: int, exhibit: Evidence) -> str:
    """A name of our own making: what a file was called before stands in the manifest alone."""
    ending = re.search(r"(\.[a-z0-9]{1,8}){1,2}\Z", exhibit.filename.lower())
    return f"exhibits/{number:03}-{exhibit.sha256[:12]}{ending[0] if ending else ''}"


def _of(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _told(exhibit: Evidence) -> dict[str, Any]:
    capture = getattr(exhibit, "capture", None)
    told = {
        "id": exhibit.pk,
        "size": exhibit.size,
        "sha256": exhibit.sha256,
        "kind": exhibit.kind,
        "media_type": exhibit.media_type,
        "filename": exhibit.filename,
        "description": exhibit.description,
        "captured_at": _utc(exhibit.captured_at),
        "attached_at": _utc(exhibit.attached_at),
        "attached_by": exhibit.attached_by.name,
    }
    if capture:
        clock = {name: getattr(capture, f"clock_{name}") for name in ("error_ms", "offset_ms")}
        told |= {
            "shows": capture.kind,
            "clock": {"source": capture.clock, **clock},
            "look": _look(capture.look),
        }
    return told


def _look(look: Any) -> dict[str, Any]:
    names = ("verdict", "cause", "method", "vantage", "logged_in", "confidence", "marker", "note", "by_name")
    return {"id": look.pk, "at": _utc(look.at), **{name: getattr(look, name) for name in names}}


def _item(item: Item) -> dict[str, Any]:
    names = ("reference", "address", "canonical", "kind", "identifier", "owner", "title")
    return {
        "case": item.case.reference,
        "platform": item.platform.name,
        **{name: getattr(item, name) for name in names},
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _history(item: Item) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entries about the exhibits as they were sealed, and the seals; an entry that is not sealed yet has none."""
    rows = [event for event in item.events.order_by("pk") if event.kind.startswith(TOLD)]
    table = Event._meta.db_table
    covering = Seal.objects.filter(table=table, upto__gte=rows[0].pk, above__lt=rows[-1].pk) if rows else []
    found = {seal.pk: seal for seal in covering}
    entries: list[dict[str, Any]] = []
    for event in rows:
        seal = next((each for each in found.values() if each.above < event.pk <= each.upto), None)
        columns = seal.columns if seal else seals.history_columns(Event)
        entries.append({"id": event.pk, "seal": seal and seal.pk, "columns": columns})
    used = {entry["seal"] for entry in entries}
    _write_rows(entries, table)
    return entries, [
        _seal(found[number]) for number in sorted(number for number in used if number is not None)
    ]


def _write_rows(entries: list[dict[str, Any]], table: str) -> None:
    """Add each entry's row as text (`casework.seals`): one statement for all that have the same columns."""
    for columns in {tuple(entry["columns"]) for entry in entries}:
        statement = sql.SQL("SELECT id, json_build_array({})::text FROM {} WHERE id = ANY(%s)").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
        )
        wanted = [entry for entry in entries if tuple(entry["columns"]) == columns]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'postgres', true)"
            )
            cursor.execute(statement, [[entry["id"] for entry in wanted]])
            rows = dict(cursor.fetchall())
        for entry in wanted:
            entry["row"] = rows[entry["id"]]


def _seal(seal: Seal) -> dict[str, Any]:
    return {
        **json.loads(seals.body(seal)),
        "signature": seal.signature,
        "marks": base64.b64encode(bytes(seal.marks)).decode(),
    }
