"""A platform's own contacts, kept by its liaisons: what could lead our calls and letters astray waits for one of us.

Letters leave by channels, which only administrators change; no contact is ever an address that a letter goes to.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices.models import ChangeState, ContactChange
from platforms.models import Contact, Platform

FIELDS = ("desk", "email", "telephone", "languages", "hours", "zone", "policy_link", "is_current")
GUARDED = ("desk", "email", "telephone", "is_current")  # whom we reach, and where
FRESH = timedelta(days=180)


def to_confirm(user: User, at: datetime) -> QuerySet[Contact]:
    """Contacts that nobody has confirmed for half a year, of the platforms that the person sees."""
    old = Q(confirmed_at=None) | Q(confirmed_at__lt=at - FRESH)
    found: QuerySet[Contact] = Contact.objects.visible_to(user).filter(old, is_current=True)
    return found


def change(
    platform: Platform,
    contact: Contact | None,
    values: Mapping[str, Any],
    *,
    by: User,
    at: datetime | None = None,
) -> ContactChange:
    """Set the fields of a contact (None: a new one); a liaison's change of `GUARDED` waits for one of us.

    Raises `ValidationError` per field, `PermissionDenied` for a platform that is not theirs.
    """
    theirs = not can(by, Permission.CONFIRM_CONTACTS)
    if theirs:
        require(by, Permission.CARE_CONTACTS)
    at = at or timezone.now()
    with transaction.atomic():
        if (
            not Platform.objects.visible_to(by)
            .select_for_update(no_key=True, of=("self",))
            .filter(pk=platform.pk)
        ):
            raise PermissionDenied("This platform is not yours.")
        now = _locked(contact) if contact else Contact(platform=platform)
        old = _values(now) if contact else {}
        new = {**_values(now), **{name: values[name] for name in FIELDS if name in values}}
        _clean(platform, contact, new)
        if new == old:
            raise ValidationError("Nothing is changed.")
        guarded = theirs and any(old.get(name, "") != new[name] for name in GUARDED)
        made = ContactChange(
            platform=platform, contact=contact, old=old, new=new, proposed_at=at, proposed_by=by
        )
        if guarded:
            made.state = ChangeState.OPEN
            made.save()
            events.record("contact.proposed", by=by, at=at, details=_details(made))
        else:
            made.state, made.decided_at, made.decided_by = ChangeState.TAKEN, at, by
            _apply(made, by=by, at=at)
            made.save()
            events.record("contact.changed", by=by, at=at, details=_details(made))
    return made


def decide(
    change: ContactChange, *, accept: bool, by: User, reason: str = "", at: datetime | None = None
) -> ContactChange:
    """Let a proposed change hold, or refuse it with a reason.

    Raises `TransitionNotAllowed` when it is decided already, or the contact has changed since.
    """
    require(by, Permission.CONFIRM_CONTACTS)
    at = at or timezone.now()
    if not accept and not reason.strip():
        raise ValidationError({"reason": "Say why; the liaison reads it."})
    with transaction.atomic():
        rows = ContactChange.objects.select_for_update(of=("self",)).select_related("platform")
        locked = rows.get(pk=change.pk)
        if locked.state != ChangeState.OPEN:
            raise TransitionNotAllowed("This change is decided already.", status=locked.state)
        locked.decided_at, locked.decided_by, locked.reason = at, by, reason.strip()
        locked.state = ChangeState.TAKEN if accept else ChangeState.REFUSED
        if accept:
            if locked.contact_id and _values(_locked(locked.contact)) != locked.old:
                raise TransitionNotAllowed(
                    "The contact has changed since; refuse this one.", status=locked.state
                )
            _apply(locked, by=locked.proposed_by, at=at)
            events.record("contact.confirmed", by=by, at=at, details=_details(locked))
        else:
            events.record("contact.refused", by=by, at=at, reason=reason.strip(), details=_details(locked))
        locked.save(update_fields=["contact", "state", "decided_at", "decided_by", "reason"])
    change.refresh_from_db()
    return change


def confirm(contact: Contact, *, by: User, at: datetime | None = None) -> Contact:
    """Say that a contact is still right; it changes nothing else."""
    if not can(by, Permission.CONFIRM_CONTACTS):
        require(by, Permission.CARE_CONTACTS)
    at = at or timezone.now()
    with transaction.atomic():
        if not Contact.objects.visible_to(by).filter(pk=contact.pk).exists():
            raise PermissionDenied("This contact is not yours.")
        locked = _locked(contact)
        locked.confirmed_at, locked.confirmed_by = at, by
        locked.save(update_fields=["confirmed_at", "confirmed_by"])
        slug = locked.platform.slug
        events.record("contact.affirmed", by=by, at=at, details={"slug": slug, "desk": locked.desk})
    contact.refresh_from_db()
    return contact


def _apply(change: ContactChange, *, by: User, at: datetime) -> None:
    contact = change.contact or Contact(platform=change.platform)
    for name, value in change.new.items():
        setattr(contact, name, value)
    contact.confirmed_at, contact.confirmed_by = at, by
    contact.save()
    change.contact = contact


def _locked(contact: Contact | None) -> Contact:
    assert contact is not None
    return Contact.objects.select_for_update(of=("self",)).select_related("platform").get(pk=contact.pk)


def _values(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in FIELDS}


def _clean(platform: Platform, contact: Contact | None, values: dict[str, Any]) -> None:
    """By the model's own rules; the cleaned text takes the place of what was given."""
    trial = Contact(platform=platform, **values)
    trial.clean_fields(exclude=["platform", "confirmed_by"])
    if not (values["email"] or values["telephone"] or not values["is_current"]):
        raise ValidationError({"email": "Give an e-mail address or a telephone number."})
    if contact is not None and contact.platform_id != platform.pk:
        raise PermissionDenied("This contact is another platform's.")
    values.update(_values(trial))


def _details(change: ContactChange) -> dict[str, Any]:
    changed = [name for name in FIELDS if change.old.get(name) != change.new.get(name)]
    return {"slug": change.platform.slug, "desk": change.new["desk"], "fields": ", ".join(changed)}
