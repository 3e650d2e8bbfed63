"""Versions of letters: written, approved by a second person, in force from a time on, retired; none ever changes.

Which one a notice is made from: the most specific in force in its language. The kind counts first (a chaser or an
escalation without a letter of its own takes that of a notice), then the ground (its own letter, the one that it shares
with others, the general one), then the platform (its own, or for any).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts import limits
from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Ground
from casework.transitions import TransitionNotAllowed
from notices.models import GENERAL, REMOVALS, LetterVersion, NoticeKind
from notices.wording import mistakes
from platforms.models import Platform

CLOCKS_DIFFER = timedelta(minutes=5)


class NoSuchLetter(LookupError):
    """No letter in force fits."""


def fitting(
    *,
    kind: str,
    letter: str,
    grounds: Collection[str],
    platform: Platform | None,
    language: str,
    at: datetime,
) -> LetterVersion:
    """The version that a letter is made from; `grounds` are the codes of its lines' grounds. Raises `NoSuchLetter`."""
    kinds = [kind, NoticeKind.NOTICE.value] if kind in REMOVALS else [kind]
    letters = [letter, GENERAL]
    if len(grounds) == 1:
        letters[:0] = Ground.objects.filter(slug__in=grounds, letter=letter).values_list("slug", flat=True)
    found = LetterVersion.objects.in_force(at).filter(
        Q(platform=platform) | Q(platform__isnull=True), kind__in=kinds, letter__in=letters, language=language
    )
    best = min(
        found,
        key=lambda each: (kinds.index(each.kind), letters.index(each.letter), each.platform_id is None),
        default=None,
    )
    if best is None:
        raise NoSuchLetter(f"There is no letter of the kind “{kind}” in the language “{language}”.")
    return best


def names(language: str, *, at: datetime) -> list[str]:
    """The letters that a notice can be written as in a language, by name."""
    found = LetterVersion.objects.in_force(at).filter(kind=NoticeKind.NOTICE, language=language)
    return sorted(set(found.values_list("letter", flat=True)))


def letters_there_can_be() -> dict[str, str]:
    """The names under which a letter can be written, each in words: for any ground, what some share, each one's own."""
    grounds = list(Ground.objects.filter(is_active=True).order_by("name"))
    found = {GENERAL: "Any ground"}
    for letter in sorted({ground.letter for ground in grounds} - {GENERAL}):
        found[letter] = "; ".join(ground.name for ground in grounds if ground.letter == letter)
    return found | {ground.slug: ground.name for ground in grounds if ground.slug not in found}


def write(
    *,
    kind: str,
    language: str,
    subject: str,
    body: str,
    by: User,
    letter: str = GENERAL,
    platform: Platform | None = None,
    note: str = "",
    at: datetime | None = None,
) -> LetterVersion:
    """Save a new version, which waits for approval by somebody else.

    Raises `ValidationError`: per field, naming line and placeholder, for what no letter can be made from.
    """
    require(by, Permission.WRITE_LETTERS)
    at = at or timezone.now()
    subject = " ".join(subject.split())
    body = "\n".join(row.rstrip() for row in body.replace("\r\n", "\n").strip().split("\n")) + "\n"
    made = LetterVersion(
        kind=kind, letter=letter, platform=platform, language=language, subject=subject, body=body,
        note=note.strip(), written_at=at, written_by=by, number=1,
    )  # fmt: skip
    check(made)
    try:
        with transaction.atomic():
            earlier = LetterVersion.objects.of(made)
            if (last := earlier.first()) and (last.subject, last.body) == (subject, body):
                raise ValidationError({"body": f"Nothing is changed: version {last.number} says the same."})
            made.number = (earlier.aggregate(last=Max("number"))["last"] or 0) + 1
            made.save(force_insert=True)
            events.record("letter.written", by=by, at=at, reason=made.note, details=_named(made))
    except IntegrityError:
        raise ValidationError(
            "Somebody else has just saved a version of this letter. Look at it first."
        ) from None
    return made


def check(version: LetterVersion) -> None:
    """Raise `ValidationError`, per field and naming line and placeholder, for what no letter can be made from."""
    left_out = {"number", "written_at", "written_by"}
    version.full_clean(exclude=left_out, validate_unique=False, validate_constraints=False)
    if found := _problems(version):
        raise ValidationError(found)


def approve(
    version: LetterVersion, *, by: User, in_force_from: datetime | None = None, at: datetime | None = None
) -> LetterVersion:
    """Put a version into force, now or from a later time on; never one's own.

    Raises `TransitionNotAllowed` for one that is approved already, or older than the newest; `ValidationError`.
    """
    require(by, Permission.WRITE_LETTERS)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(version)
        if why := obstacle(locked, by):
            raise TransitionNotAllowed(why, status="")
        if in_force_from is not None and in_force_from < at - CLOCKS_DIFFER:
            raise ValidationError({"in_force_from": "This lies in the past. Leave it empty for now."})
        locked.approved_at, locked.approved_by, locked.in_force_from = at, by, max(at, in_force_from or at)
        locked.save(update_fields=["approved_at", "approved_by", "in_force_from"])
        events.record("letter.approved", by=by, at=at, details=_named(locked))
    version.refresh_from_db()
    return version


def obstacle(version: LetterVersion, by: User) -> str:
    """Why this person may not approve this version now, as a sentence; "" if they may."""
    newest = LetterVersion.objects.of(version).first()
    if version.in_force_from:
        return f"Version {version.number} is approved already."
    if newest and newest.pk != version.pk:
        return f"Version {newest.number} is newer; approve that one, or write another."
    if version.written_by_id == by.pk:
        return "Whoever wrote a version does not approve it; somebody else must."
    return ""


def retire(version: LetterVersion, *, reason: str, by: User, at: datetime | None = None) -> LetterVersion:
    """Take a letter out of use: from now on the next less specific one is taken.

    Raises `TransitionNotAllowed` for one that is not in force, and for the general letter for any platform.
    """
    require(by, Permission.WRITE_LETTERS)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(version)
        if not LetterVersion.objects.in_force(at).filter(pk=locked.pk).exists():
            raise TransitionNotAllowed("Only the version in force can be retired.", status="")
        if is_last_resort(locked):
            raise TransitionNotAllowed(
                "Every language needs a general letter for any platform: write a new version instead.",
                status="",
            )
        if not reason.strip():
            raise ValidationError({"reason": "Say why."})
        locked.retired_at, locked.retired_by = at, by
        locked.save(update_fields=["retired_at", "retired_by"])
        events.record("letter.retired", by=by, at=at, reason=reason.strip(), details=_named(locked))
    version.refresh_from_db()
    return version


def is_last_resort(version: LetterVersion) -> bool:
    """Whether letters of its kind and language would have nothing to be made from without it."""
    backed = version.kind in {NoticeKind.CHASER, NoticeKind.ESCALATION}
    return version.letter == GENERAL and version.platform_id is None and not backed


def _locked(version: LetterVersion) -> LetterVersion:
    return LetterVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)


def _problems(version: LetterVersion) -> dict[str, list[str]]:
    found = mistakes(version.kind, version.subject, version.body)
    if len(version.body) > limits.LONGEST_TEXT:
        found.setdefault("body", []).append(limits.too_long(limits.LONGEST_TEXT))
    if version.letter not in letters_there_can_be():
        found["letter"] = ["No ground has a letter of this name."]
    elif version.letter != GENERAL and version.kind not in REMOVALS:
        found["letter"] = ["Letters of this kind name no ground; choose “general”."]
    return found


def _named(version: LetterVersion) -> dict[str, str]:
    return {"letter": str(version)}
