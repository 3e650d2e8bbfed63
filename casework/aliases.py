"""Where short links lead: recorded by a person or a checker, shown wherever duplicates are, never merged."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.limits import far_off
from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.intake import key_digest
from casework.models import Alias, AliasWithdrawal, Item
from casework.transitions import TransitionNotAllowed
from platforms import recognition
from platforms.recognition import NotAnAddress, Recognition

ONE_RECORDER = 0x5EA1_0000_0003  # advisory lock: two links recorded at once could lead to each other


def is_short_link(item: Item) -> bool:
    """Whether only a look-up could tell what the item's address names."""
    try:
        return recognition.recognise(item.address).needs_network
    except NotAnAddress:
        return False


def record_alias(item: Item, *, address: str, evidence: str, by: User, at: datetime | None = None) -> Alias:
    """Keep that the item's short link led to `address`, seen at `at` (aware, not in the future).

    Raises `PermissionDenied`, `ValidationError` for what cannot be: no short link, no address, a link to itself or
    round about, a short link of which nobody knows where it leads, another platform's page behind a platform's own
    short link; `TransitionNotAllowed` while another target of this link is in force.
    """
    require(by, Permission.CHECK_ITEM)
    at, now = at or timezone.now(), timezone.now()
    if not evidence.strip():
        raise ValidationError({"evidence": "Say how you found out; it stays in the history."})
    if at > now or far_off(at):
        raise ValidationError({"at": far_off(at) or "This is in the future."})
    link, target = _link(item), _target(address)
    to_key = key_digest(target)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_RECORDER])
        _refuse(item, link, target, to_key)
        alias = Alias.objects.create(
            item=item, from_key=item.key, to_key=to_key, to_address=target.canonical,
            evidence=evidence.strip(), at=at, by=by, by_name=by.name, recorded_at=now,
        )  # fmt: skip
        events.record(
            "alias.recorded", by=by, at=at, item=item, reason=alias.evidence, recorded_at=now,
            details={"alias": alias.pk, "to": target.canonical},
        )  # fmt: skip
    return alias


def withdraw_alias(alias: Alias, *, reason: str, by: User, at: datetime | None = None) -> Alias:
    """Let it hold no longer; both stay readable. Raises `TransitionNotAllowed` if it is withdrawn already."""
    require(by, Permission.CHECK_ITEM)
    at = at or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": "Say why; it stays in the history."})
    with transaction.atomic():
        Item.objects.select_for_update(of=("self",)).get(pk=alias.item_id)
        if AliasWithdrawal.objects.filter(alias=alias).exists():
            raise TransitionNotAllowed("This is withdrawn already.", status="withdrawn")
        AliasWithdrawal.objects.create(alias=alias, reason=reason.strip(), at=at, by=by, by_name=by.name)
        events.record(
            "alias.withdrawn", by=by, at=at, item=alias.item, reason=reason.strip(),
            details={"alias": alias.pk, "to": alias.to_address},
        )  # fmt: skip
    return alias


def _link(item: Item) -> Recognition:
    if not is_short_link(item):
        raise ValidationError({"address": f"{item} is no short link: its address says what it names."})
    return recognition.recognise(item.address)


def _target(address: str) -> Recognition:
    try:
        return recognition.recognise(address)
    except NotAnAddress as problem:
        raise ValidationError({"address": str(problem)}) from problem


def _refuse(item: Item, link: Recognition, target: Recognition, to_key: str) -> None:
    if to_key == item.key:
        raise ValidationError(
            {"address": "This is the short link itself. Give the address that it leads to."}
        )
    name_of = {platform.slug: platform.name for platform in recognition.platforms()}
    # A short link that names no kind (t.co, bit.ly) may lead anywhere; one of a platform's posts stays with it.
    if link.kind != "web_page" and link.platform != target.platform:
        raise ValidationError(
            {
                "address": f"A short link of {name_of[link.platform]} leads to {name_of[link.platform]}; "
                f"this is on {name_of[target.platform]}."
            }
        )
    known = Alias.objects.in_force().filter(from_key=item.key).first()
    if known is not None:
        raise TransitionNotAllowed(
            f"It is recorded already to lead to {known.to_address}. Withdraw that first.", status="recorded"
        )
    if item.key in Alias.objects.leading_on([to_key])[to_key]:
        raise ValidationError({"address": "That address leads back to this short link."})
    if target.needs_network and not Alias.objects.in_force().filter(from_key=to_key).exists():
        raise ValidationError(
            {
                "address": "This is a short link too, and nobody has recorded where it leads. Give the final address."
            }
        )
