"""Captures: the files of a look, kept as exhibits of its item."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from accounts.models import User
from casework import events, network, pictures, store
from casework.models import Capture, CaptureKind, Check, Evidence, EvidenceKind, Item
from casework.store import Readable

ENDINGS = {
    "warc": "warc.gz",
    "text": "txt",
    "fingerprint": "json",
    "document": "html.txt",
    "screenshot": "png",
}
MEDIA_TYPES = {
    "warc": "application/gzip",
    "text": "text/plain; charset=utf-8",
    "fingerprint": "application/json",
    "document": "text/html; charset=utf-8",
    "screenshot": "image/png",
}


class Given(NamedTuple):
    """One capture as a checker names it: its file was sent before."""

    kind: str
    sha256: str


@dataclass(frozen=True)
class Clock:
    """What the checker's clock was set by (`checker.clock.Clock`)."""

    source: str = "unknown"
    error_ms: int | None = None
    offset_ms: int | None = None


UNKNOWN_CLOCK = Clock()
UNNAMED = timedelta(days=30)  # twice as long as a checker keeps what it sent
NOTHING = hashlib.sha256().hexdigest()  # the hash of an empty file


class _Capped:
    """A stream that refuses to be longer than we keep."""

    def __init__(self, stream: Readable, most: int) -> None:
        self.stream, self.most, self.left = stream, most, most

    def read(self, size: int) -> bytes:
        part = self.stream.read(size)
        self.left -= len(part)
        if self.left < 0:
            limit = filesizeformat(self.most).replace("\xa0", " ")
            raise ValidationError({"file": f"The file is larger than {limit}, the most that is kept of one."})
        return part


def receive(stream: Readable, *, sha256: str) -> bool:
    """Take what a checker sends under its hash; whether it was new. The same file again changes nothing.

    It waits for a finding that names it; what none names in `UNNAMED` is deleted.

    Raises `ValidationError` where it is empty, too large, or has another hash: then nothing is kept.
    """
    if sha256 == NOTHING:
        raise ValidationError({"file": "The file is empty. Send none instead."})
    if known := store.find(sha256):
        if known == store.waiting(sha256):
            known.touch()
        return False
    try:
        store.put_stream(_Capped(stream, settings.EVIDENCE_MAX_BYTES), expected=sha256, place=store.waiting)
    except store.OtherContent as other:
        raise ValidationError({"file": str(other)}) from other
    return True


def clear_unnamed(at: datetime | None = None) -> int:
    """Delete the files that checkers sent and no finding has named for long; returns how many."""
    return store.clear_waiting((at or timezone.now()) - UNNAMED)


def keep(
    looks: Sequence[tuple[Check, Collection[Given]]], *, clock: Clock, by: User, at: datetime | None = None
) -> list[Capture]:
    """Tie the files of looks to them, each as an exhibit; looks that have theirs already are left alone.

    A fixed number of statements. Raises `ValidationError`, naming what is wrong, before anything is stored.
    """
    at = at or timezone.now()
    if not looks:
        return []
    with transaction.atomic():
        known = set(
            Capture.objects.filter(look__in=[look for look, _ in looks]).values_list("look_id", flat=True)
        )
        new = [(look, given) for look, all_given in looks if look.pk not in known for given in all_given]
        sizes = _sizes(given for _, given in new)
        for sha256 in sizes:
            store.take_in(sha256)
        exhibits = Evidence.objects.bulk_create(_exhibit(look, given, sizes, by, at) for look, given in new)
        kept = Capture.objects.bulk_create(
            Capture(look=look, kind=given.kind, exhibit=exhibit, clock=clock.source, clock_error_ms=clock.error_ms,
                    clock_offset_ms=clock.offset_ms, recorded_at=at)
            for (look, given), exhibit in zip(new, exhibits, strict=True)
        )  # fmt: skip
        items = Item.objects.filter(pk__in={look.item_id for look, _ in new}).in_bulk()
        network.reread(items.values())
        counted = {look.pk: len(all_given) for look, all_given in looks}
        events.record_all(
            events.build(
                "check.captured", by=by, at=at, item=items[look.item_id], details={"files": counted[look.pk]}
            )
            for look in {look.pk: look for look, _ in new}.values()
        )
    return kept


def problem(given: Collection[Given]) -> str:
    """Why these files of a look cannot be kept; empty if they can."""
    try:
        _sizes(given)
    except ValidationError as refused:
        return " ".join(refused.messages)
    kinds = [each.kind for each in given]
    return "" if len(kinds) == len(set(kinds)) else "A look has one file of each kind."


def _sizes(given: Iterable[Given]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for kind, sha256 in given:
        path = store.find(sha256)
        if kind not in CaptureKind.values:
            raise ValidationError({"captures": f"“{kind[:20]}” is no kind of capture."})
        if path is None:
            raise ValidationError({"captures": f"The file {sha256} has not been sent yet: send it first."})
        if kind == CaptureKind.SCREENSHOT and not pictures.media_type(path.read_bytes()):
            raise ValidationError({"captures": f"The file {sha256} is no picture that opens."})
        sizes[sha256] = path.stat().st_size
    return sizes


def _exhibit(look: Check, given: Given, sizes: dict[str, int], by: User, at: datetime) -> Evidence:
    is_picture = given.kind == CaptureKind.SCREENSHOT
    return Evidence(
        item_id=look.item_id,
        kind=EvidenceKind.SCREENSHOT if is_picture else EvidenceKind.CAPTURE,
        sha256=given.sha256,
        size=sizes[given.sha256],
        media_type=MEDIA_TYPES[given.kind],
        filename=f"{given.kind}-{look.at:%Y%m%dT%H%M%SZ}.{ENDINGS[given.kind]}",
        description=CaptureKind(given.kind).label,
        captured_at=look.at,
        attached_at=at,
        attached_by=by,
    )
