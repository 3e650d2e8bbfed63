"""Opening an exhibit: who did is kept, and the link to the original holds for a minute and for one person."""

from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Evidence

LASTS = timedelta(minutes=1)
_SALT = "casework.opening"


class NoLink(Exception):
    """The link is none of ours, has run out, or is for somebody who may no longer see the exhibit."""


def opened(exhibit: Evidence, *, by: User, at: datetime | None = None) -> None:
    """Keep that somebody opened the exhibit; raises `PermissionDenied`."""
    require(by, Permission.SEE_CASEWORK)
    details = {"filename": exhibit.filename, "sha256": exhibit.sha256}
    events.record("evidence.opened", by=by, at=at or timezone.now(), item=exhibit.item, details=details)


def link(exhibit: Evidence, *, by: User) -> str:
    """The word by which the second origin knows which exhibit is for whom."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{exhibit.pk}-{by.pk}")


def followed(word: str) -> Evidence:
    """The exhibit of a link; raises `NoLink`."""
    try:
        exhibit, person = signing.TimestampSigner(salt=_SALT).unsign(word, max_age=LASTS).split("-")
    except signing.BadSignature as error:
        raise NoLink from error
    reader = User.objects.filter(pk=int(person), is_active=True).first()
    found: Evidence | None = (
        Evidence.objects.visible_to(reader).filter(pk=int(exhibit)).first() if reader else None
    )
    if found is None:
        raise NoLink
    return found
