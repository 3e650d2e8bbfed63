"""Leaving for the place where an item stands: only to a web address, never by accident, and kept in its history."""

from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.encoding import iri_to_uri

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Item

SCHEMES = ("http", "https")


def original_of(item: Item) -> str:
    """The address to which a browser may be sent; "" where the item's is none, or hides where it leads."""
    try:
        parts = urlsplit(item.canonical)
        place = parts.hostname if parts.scheme in SCHEMES and "@" not in parts.netloc else None
    except ValueError:
        return ""
    return iri_to_uri(item.canonical) or "" if place else ""


def left(item: Item, *, by: User, at: datetime | None = None) -> None:
    """Keep that somebody leaves for the original; raises `PermissionDenied`."""
    require(by, Permission.SEE_CASEWORK)
    events.record("item.original_opened", by=by, at=at or timezone.now(), item=item)
