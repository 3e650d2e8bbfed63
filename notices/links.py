"""Links with which one notice can be answered without an account.

The secret of a link is the HMAC of its salt under `SECRET_KEY`, 256 bits; the database keeps its hash and the salt, so
that neither a copy of the database nor a guess opens a notice, and a letter that is tried again carries the same link.
"""

import base64
import ipaddress
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User, digest_of
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices.lifecycle import TALKING
from notices.models import AnswerLink, LinkOpening, Notice

DAYS = 14
MOST_DAYS = 90
MOST_AN_HOUR = 600  # requests by one link
HOUR = timedelta(hours=1)
FORWARDED, DIRECT = "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"


def make(
    notice: Notice, *, addressee: str, by: User, days: int = DAYS, at: datetime | None = None
) -> tuple[AnswerLink, str]:
    """A link to a notice that has left, for `addressee`, and its address, which is shown once.

    It lasts `days` of 24 hours. Raises `TransitionNotAllowed` for a notice that nobody can answer, `ValidationError`
    per field.
    """
    require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.status not in TALKING:
            raise TransitionNotAllowed(
                f"{locked} is {locked.get_status_display().lower()}; it takes no answer now.",
                status=locked.status,
            )
        link = _made(locked, addressee=addressee, days=days, by=by, at=at)
    return link, address_of(link)


def make_for_letter(notice: Notice, *, addressee: str, by: User, at: datetime) -> AnswerLink:
    """The link that the letter itself will carry; the caller holds the lock on the notice."""
    return _made(notice, addressee=addressee, days=DAYS, by=by, at=at, in_letter=True)


def end_in_letter(notice: Notice, *, by: User, at: datetime) -> None:
    """A letter that leaves anew, perhaps to somebody else, ends the link of the one before."""
    for link in AnswerLink.objects.filter(notice=notice, in_letter=True, revoked_at__isnull=True):
        revoke(link, by=by, at=at)


def in_letter(notice: Notice) -> AnswerLink | None:
    """The link that the letter is to carry, if it is to carry one."""
    return next((each for each in notice.links.all() if each.in_letter and each.revoked_at is None), None)


def revoke(link: AnswerLink, *, by: User, at: datetime | None = None) -> AnswerLink:
    """End a link at once; a second time changes nothing."""
    require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        if AnswerLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(
            revoked_at=at, revoked_by=by
        ):
            events.record(
                "notice.link_revoked", by=by, at=at, notice=link.notice.reference,
                details={"addressee": link.addressee},
            )  # fmt: skip
    link.refresh_from_db()
    return link


def find(secret: str, *, at: datetime | None = None) -> AnswerLink | None:
    """The link of this secret while it can be used; nobody is told why another cannot."""
    usable = AnswerLink.objects.usable(at or timezone.now()).select_related(
        "notice__platform", "notice__channel"
    )
    return usable.filter(digest=digest_of(secret)).first()


def is_busy(link: AnswerLink, *, at: datetime | None = None) -> bool:
    """Whether the link has been used as often within the hour as it may be."""
    since = (at or timezone.now()) - HOUR
    return LinkOpening.objects.filter(link=link, at__gt=since).count() >= MOST_AN_HOUR


def note_opening(link: AnswerLink, *, page: str, sent: bool, address: str | None) -> LinkOpening:
    """Keep that a page of the link was read, or its form sent, now, from a network address."""
    return LinkOpening.objects.create(link=link, page=page, sent=sent, address=address)


def address_of(link: AnswerLink) -> str:
    """The whole address, with the secret."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('notices:link', args=[secret_of(link)])}"


def secret_of(link: AnswerLink) -> str:
    key = salted_hmac("notices.links", link.salt, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def form_key(link: AnswerLink) -> str:
    """What a form on the link's page must carry: it is of no use to any other link."""
    return salted_hmac("notices.links.form", link.salt, algorithm="sha256").hexdigest()


def network_address(meta: Mapping[str, str]) -> str | None:
    """Who asks, from the surroundings of a request; behind a proxy, as that proxy says."""
    behind = settings.SECURE_PROXY_SSL_HEADER is not None
    said = meta.get(FORWARDED, "").rpartition(",")[2] if behind else meta.get(DIRECT, "")
    try:
        return str(ipaddress.ip_address(said.strip()))
    except ValueError:
        return None


def _made(
    notice: Notice, *, addressee: str, days: int, by: User, at: datetime, in_letter: bool = False
) -> AnswerLink:
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": f"A link lasts from 1 to {MOST_DAYS} days."})
    link = AnswerLink(
        notice=notice, addressee=addressee.strip(), salt=secrets.token_hex(16), in_letter=in_letter,
        created_at=at, created_by=by, expires_at=at + timedelta(days=days),
    )  # fmt: skip
    link.digest = digest_of(secret_of(link))
    link.full_clean(validate_unique=False)
    link.save()
    events.record(
        "notice.link_made",
        by=by,
        at=at,
        notice=notice.reference,
        details={"addressee": link.addressee, "days": days},
    )
    return link
