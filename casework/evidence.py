"""Exhibits: attaching, opening, and hashing again on demand."""

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, network, pictures, store
from casework.models import Evidence, EvidenceKind, Item

UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Broken:
    """An exhibit whose file is missing or no longer has its hash."""

    evidence: Evidence
    problem: str


def attach(
    item: Item,
    *,
    content: bytes | BinaryIO,
    filename: str,
    media_type: str = "",
    kind: str = EvidenceKind.SCREENSHOT,
    description: str = "",
    captured_at: datetime | None = None,
    by: User,
    at: datetime | None = None,
) -> Evidence:
    """Keep a file as an exhibit of the item; a screenshot is a picture that opens, whatever its name.

    `media_type` is what the sender calls it, believed of no picture. Raises `ValidationError` for the field `file`
    where it is empty, too large or no screenshot.
    """
    require(by, Permission.ATTACH_EVIDENCE)
    at = at or timezone.now()
    if captured_at and captured_at > timezone.now() + timedelta(minutes=1):
        raise ValidationError({"captured_at": "An exhibit cannot have been captured in the future."})
    name = _name(filename)
    kept = _within_limits(content, name)
    found = _media_type(kept, kind, name, media_type)
    evidence = Evidence(
        item=item,
        kind=kind,
        sha256=store.put(kept),
        size=len(kept),
        media_type=found,
        filename=name,
        description=description,
        captured_at=captured_at or at,
        attached_at=at,
        attached_by=by,
    )
    evidence.full_clean()
    with transaction.atomic():
        evidence.save(force_insert=True)
        network.reread([item])
        events.record(
            "evidence.attached",
            by=by,
            at=at,
            item=item,
            details={"filename": evidence.filename, "sha256": evidence.sha256},
        )
    return evidence


def _name(filename: str) -> str:
    """Only a name: no folder, nothing unseen, at most 200 characters."""
    name = PurePath(filename.replace("\\", "/")).name or "exhibit"
    return "".join(character for character in name if character.isprintable())[-200:]


def _within_limits(content: bytes | BinaryIO, name: str) -> bytes:
    most = settings.EVIDENCE_MAX_BYTES
    kept = content if isinstance(content, bytes) else content.read(most + 1)
    limit = filesizeformat(most).replace("\xa0", " ")
    if not kept:
        raise ValidationError({"file": f"“{name}” is empty. Send a file of 1 byte to {limit}."})
    if len(kept) > most:
        raise ValidationError(
            {"file": f"“{name}” is larger than {limit}, the most that is kept of one file."}
        )
    return kept


def _media_type(content: bytes, kind: str, name: str, said: str) -> str:
    if kind == EvidenceKind.SCREENSHOT:
        try:
            return pictures.must_be_screenshot(content, name)
        except pictures.NotAPicture as error:
            raise ValidationError({"file": str(error)}) from error
    if found := pictures.media_type(content):
        return found
    guessed = said or mimetypes.guess_type(name)[0] or UNKNOWN
    return UNKNOWN if guessed.startswith("image/") else guessed


def shows_the_page(exhibit: Evidence) -> bool:
    """Whether it is a picture that opens, and so lets one look of a person confirm; its file is read again."""
    path = store.path(exhibit.sha256)
    return path.is_file() and pictures.media_type(path.read_bytes()) in pictures.SCREENSHOTS.values()


def open_exhibit(evidence: Evidence) -> BinaryIO:
    """The exhibit's file, byte for byte; raises `FileNotFoundError`."""
    return store.path(evidence.sha256).open("rb")


def rehash(exhibits: Iterable[Evidence] | None = None) -> list[Broken]:
    """Hash every exhibit's file anew and name those that are missing or altered."""
    found = exhibits if exhibits is not None else Evidence.objects.select_related("item").iterator()
    broken = []
    for evidence in found:
        if not store.path(evidence.sha256).is_file():
            broken.append(Broken(evidence, "missing"))
        elif not store.verify(evidence.sha256):
            broken.append(Broken(evidence, "altered"))
    return broken
