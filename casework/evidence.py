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
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, store
from casework.models import Evidence, EvidenceKind, Item


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
    """Keep a file as an exhibit of the item; raises `ValidationError` for an empty or too large one."""
    require(by, Permission.ATTACH_EVIDENCE)
    at = at or timezone.now()
    kept = content if isinstance(content, bytes) else content.read(settings.EVIDENCE_MAX_BYTES + 1)
    if not kept:
        raise ValidationError({"file": "The file is empty."})
    if len(kept) > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // 1024**2
        raise ValidationError({"file": f"The file is larger than {limit} MB."})
    if captured_at and captured_at > timezone.now() + timedelta(minutes=1):
        raise ValidationError({"captured_at": "An exhibit cannot have been captured in the future."})
    name = PurePath(filename.replace("\\", "/")).name or "exhibit"
    evidence = Evidence(
        item=item,
        kind=kind,
        sha256=store.put(kept),
        size=len(kept),
        media_type=media_type or mimetypes.guess_type(name)[0] or "application/octet-stream",
        filename="".join(character for character in name if character.isprintable())[-200:],
        description=description,
        captured_at=captured_at or at,
        attached_at=at,
        attached_by=by,
    )
    evidence.full_clean()
    with transaction.atomic():
        evidence.save(force_insert=True)
        events.record(
            "evidence.attached",
            by=by,
            at=at,
            item=item,
            details={"filename": evidence.filename, "sha256": evidence.sha256},
        )
    return evidence


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
