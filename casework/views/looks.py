"""The pages of a look: what was kept of it, and two looks side by side."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import Crumbs
from accounts.roles import Permission
from accounts.showing import defang_words
from casework import comparing, store, warcs
from casework.models import Capture, CaptureKind, Check, Evidence, Item, Timestamp
from casework.views.edges import item_url, visible_item

MOST_TEXT = 200_000  # characters
MOST_LOOKS = 100  # to compare with


@dataclass
class Kept:
    """A look with what its captures say."""

    look: Check
    captures: list[Capture]
    screenshot: Evidence | None = None
    text: str = ""
    hops: list[warcs.Hop] = field(default_factory=list)
    fingerprint: Any = None


@allow(Permission.SEE_CASEWORK)
@require_safe
def look_detail(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    item = visible_item(request, reference)
    kept = _kept(get_object_or_404(_looks(item), pk=pk))
    others = _looks(item).filter(captures__isnull=False).exclude(pk=pk).distinct()[:MOST_LOOKS]
    found = Timestamp.objects.filter(sha256__in=[each.exhibit.sha256 for each in kept.captures])
    stamps = {stamp.sha256: stamp for stamp in found}
    context = {
        "item": item,
        "kept": kept,
        "others": others,
        "files": [(each, stamps.get(each.exhibit.sha256)) for each in kept.captures],
        "crumbs": _crumbs(item),
    }
    return render(request, "casework/look_detail.html", context)


@allow(Permission.SEE_CASEWORK)
@require_safe
def looks_compare(request: HttpRequest, reference: str) -> HttpResponse:
    """Two looks of one item, the earlier one first whichever way they are named."""
    item = visible_item(request, reference)
    asked = {
        number
        for name in ("a", "b")
        if (number := request.GET.get(name, "")).isascii() and number.isdecimal()
    }
    found = list(
        _looks(item).filter(pk__in=[int(number) for number in asked if len(number) < 19]).order_by("at", "pk")
    )
    context: dict[str, Any] = {
        "item": item,
        "crumbs": _crumbs(item),
        "looks": _looks(item)[:MOST_LOOKS],
        "found": found,
    }
    if len(found) == 2:
        before, after = map(_kept, found)
        context |= {
            "sides": [before, after],
            "lines": comparing.lines(before.text, after.text),
            "headers": comparing.headers(
                *(each.hops[-1].headers if each.hops else [] for each in (before, after))
            ),
            "likeness": comparing.likeness(before.fingerprint, after.fingerprint),
        }
    return render(request, "casework/looks_compare.html", context)


def _looks(item: Item) -> QuerySet:
    return item.checks.select_related("exhibit").order_by("-at", "-pk")


def _crumbs(item: Item) -> Crumbs:
    return [("Items", reverse("casework:item_list")), (item.reference, item_url(item))]


def _kept(look: Check) -> Kept:
    captures = list(look.captures.select_related("exhibit").order_by("pk"))
    files = {each.kind: each.exhibit for each in captures}
    kept = Kept(look, captures, files.get(CaptureKind.SCREENSHOT) or _picture(look))
    if CaptureKind.TEXT in files:
        kept.text = defang_words(_read(files[CaptureKind.TEXT], 4 * MOST_TEXT)[:MOST_TEXT])
    if (archive := files.get(CaptureKind.WARC)) and store.path(archive.sha256).is_file():
        with store.path(archive.sha256).open("rb") as stream:
            kept.hops = warcs.hops(stream)
    if CaptureKind.FINGERPRINT in files:
        try:
            kept.fingerprint = json.loads(_read(files[CaptureKind.FINGERPRINT], 1_000_000))
        except (ValueError, RecursionError):
            kept.fingerprint = None
    return kept


def _picture(look: Check) -> Evidence | None:
    return look.exhibit if look.exhibit and look.exhibit.media_type.startswith("image/") else None


def _read(exhibit: Evidence, most: int) -> str:
    try:
        with store.path(exhibit.sha256).open("rb") as file:
            return file.read(most).decode("utf-8", "replace").replace("\0", " ")
    except FileNotFoundError:
        return ""
