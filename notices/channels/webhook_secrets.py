"""The secrets that webhooks are signed with: derived from the site's key, so that no table holds one.

A channel's secret is the HMAC of its number under `SECRET_KEY`. Changing it means the next number; for a while the
one before signs too, until the platform has taken the new one over.
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
from platforms.models import Channel, ChannelKind

OVERLAP = timedelta(days=7)


def valid(channel: Channel, *, at: datetime) -> list[str]:
    """The secrets that sign at `at`, the current one first; one or two."""
    numbers = [channel.secret_number]
    if channel.old_secret_until is not None and at < channel.old_secret_until:
        numbers.append(channel.secret_number - 1)
    return [_secret(channel, number) for number in numbers]


def show(channel: Channel, *, by: User, at: datetime | None = None) -> str:
    """The current secret, for the platform; that somebody looked at it is recorded."""
    require(by, Permission.MANAGE_PLATFORMS)
    _refuse_others(channel)
    events.record("channel.secret_shown", by=by, at=at or timezone.now(), details=_named(channel))
    return _secret(channel, channel.secret_number)


def rotate(channel: Channel, *, by: User, at: datetime | None = None) -> str:
    """Make a new secret and return it; the one before signs as well for a week from `at`.

    Raises `TransitionNotAllowed` for a channel that is no webhook, and while two secrets sign already.
    """
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        _refuse_others(locked)
        if locked.old_secret_until is not None and at < locked.old_secret_until:
            raise TransitionNotAllowed(
                "Two secrets sign already. Wait until the older one has ended, so that no platform is left behind.",
                status=locked.kind,
            )
        locked.secret_number, locked.old_secret_until = locked.secret_number + 1, at + OVERLAP
        locked.save(update_fields=["secret_number", "old_secret_until"])
        events.record("channel.secret_changed", by=by, at=at, details=_named(locked))
    channel.refresh_from_db()
    return _secret(locked, locked.secret_number)


def _refuse_others(channel: Channel) -> None:
    if channel.kind != ChannelKind.WEBHOOK:
        raise TransitionNotAllowed("Only a webhook has a secret.", status=channel.kind)


def _secret(channel: Channel, number: int) -> str:
    key = salted_hmac("notices.webhook", f"{channel.pk}.{number}", algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(key).decode()}"


def _named(channel: Channel) -> dict[str, str]:
    return {"channel": str(channel), "platform": channel.platform.name}
