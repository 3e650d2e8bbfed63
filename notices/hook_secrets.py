"""Whether a platform may answer by webhook, and the secret that its messages are signed with.

The secret is the HMAC of its number under `SECRET_KEY`, as that of our own messages is, but another one: what we have
signed is no answer. No table holds it.
"""

import base64
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices.models import AnswerHook
from platforms.models import Platform

OVERLAP = timedelta(days=7)
TWO_SIGN = "Two secrets sign already. Wait until the older one has ended, so that no message is lost."


def open_hook(platform: Platform, *, by: User, at: datetime | None = None) -> AnswerHook:
    """Let the platform answer by webhook, with the secret it had if it had one."""
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    with transaction.atomic():
        hook, made = AnswerHook.objects.get_or_create(
            platform=platform, defaults={"opened_by": by, "opened_at": at}
        )
        if made or AnswerHook.objects.filter(pk=hook.pk, is_open=False).update(
            is_open=True, opened_by=by, opened_at=at
        ):
            events.record("hook.opened", by=by, at=at, details=_named(hook))
    hook.refresh_from_db()
    return hook


def close_hook(hook: AnswerHook, *, by: User, at: datetime | None = None) -> AnswerHook:
    """Take no more answers by webhook, from this moment."""
    require(by, Permission.MANAGE_PLATFORMS)
    with transaction.atomic():
        if AnswerHook.objects.filter(pk=hook.pk, is_open=True).update(is_open=False):
            events.record("hook.closed", by=by, at=at or timezone.now(), details=_named(hook))
    hook.refresh_from_db()
    return hook


def show(hook: AnswerHook, *, by: User, at: datetime | None = None) -> str:
    """The current secret, for the platform; that somebody looked at it is recorded."""
    require(by, Permission.MANAGE_PLATFORMS)
    events.record("hook.secret_shown", by=by, at=at or timezone.now(), details=_named(hook))
    return secret_of(hook, hook.secret_number)


def rotate(hook: AnswerHook, *, by: User, at: datetime | None = None) -> str:
    """Make a new secret and return it; the one before is taken as well for a week from `at`.

    Raises `TransitionNotAllowed` while two are taken already.
    """
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    with transaction.atomic():
        locked = AnswerHook.objects.select_for_update(no_key=True).get(pk=hook.pk)
        if len(locked.signing(at)) > 1:
            raise TransitionNotAllowed(TWO_SIGN, status="open")
        locked.secret_number, locked.old_secret_until = locked.secret_number + 1, at + OVERLAP
        locked.save(update_fields=["secret_number", "old_secret_until"])
        events.record("hook.secret_changed", by=by, at=at, details=_named(locked))
    hook.refresh_from_db()
    return secret_of(locked, locked.secret_number)


def valid(hook: AnswerHook, *, at: datetime) -> list[str]:
    """The secrets that are taken at `at`; one or two."""
    return [secret_of(hook, number) for number in hook.signing(at)]


def secret_of(hook: AnswerHook, number: int) -> str:
    key = salted_hmac("notices.hooks", f"{hook.pk}.{number}", algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(key).decode()}"


def _named(hook: AnswerHook) -> dict[str, str]:
    return {"platform": hook.platform.name}
