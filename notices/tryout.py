"""A letter as it would read on items that exist, or on an invented one, before its wording is saved."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from casework.models import Case, Item
from notices import letters
from notices.disclosed import (
    BARE,
    Disclosed,
    DisclosedClause,
    DisclosedDispute,
    DisclosedGround,
    DisclosedLine,
    disclose,
)
from notices.kinds import DISPUTES, GENERAL, REMOVALS, NoticeKind
from notices.letters import Letter
from notices.models import LetterVersion, Line, Notice
from notices.printing import print_letter
from platforms.models import Platform

MOST = 20  # items of a case
REFERENCE, EARLIER = "N0000-000000", "N0000-000001"
EXPLANATION = "[What the platform is told stands here.]"
UNKNOWN = "There is no notice, item or case “{asked}” that you may see. Leave it empty for an invented item."


def write(version: LetterVersion, on: str, *, by: User, at: datetime | None = None) -> Letter:
    """The letter from a version, stored or not, about what `on` names: a notice, items, a case; else an invented item.

    Raises `ValidationError` for what there is not, as far as this person may see.
    """
    at = timezone.localtime(at or timezone.now())
    asked = on.split()
    told = disclosed_of(version, asked, by) if asked else invented(version)
    return letters.write(version, told, at=at)


def pdf(version: LetterVersion, letter: Letter) -> bytes:
    """The same as it would be printed."""
    return print_letter(
        subject=letter.subject,
        body=letter.body,
        language=version.language,
        reference=REFERENCE,
        marking=settings.LETTER_MARKING,
        handling=settings.LETTER_HANDLING,
    )


def disclosed_of(version: LetterVersion, asked: list[str], by: User) -> Disclosed:
    """What would be told about the notice, items or case that these references name."""
    if len(asked) == 1 and (real := _notice(asked[0], by)):
        lines = letters.lines_of(real)
        notice = _imagined(version, real.platform, real.follows)
    else:
        items = _items(asked, by)
        notice = _imagined(version, items[0].platform, None)
        lines = [
            Line(notice=notice, item=item, position=position, address=item.printed)
            for position, item in enumerate(items, start=1)
        ]
    notice.threat_to_life = any(line.item.threat_to_life for line in lines)
    return disclose(notice, lines)


def invented(version: LetterVersion) -> Disclosed:
    """One item that does not exist, with everything that a letter can say of it."""
    bare, correction = version.kind in BARE, version.kind == NoticeKind.CORRECTION
    ground = DisclosedGround("act", "Example Act 2000, section 1", "What the section forbids.")
    clause = DisclosedClause("rule-1", "Rules of the platform: example", "https://social.example/rules", "en")
    line = DisclosedLine(
        position=1,
        reference="0000-000001",
        address="https://social.example/seller/posts/1",
        was="https://social.example/seller/posts/I" if correction else "",
        kind="post",
        identifier="1",
        owner="seller",
        threat_to_life=False,
        ground=None if bare else ground,
        clause=None if bare else clause,
        severity="" if bare else "high",
        reasons="" if bare else "Offers what the law forbids, and names a price.",
        dispute=_invented_dispute(version) if version.kind in DISPUTES else None,
        back=None,
    )  # fmt: skip
    platform = version.platform or Platform(slug="social", name="Social Example")
    notice = _imagined(version, platform, None)
    return Disclosed(
        reference=REFERENCE, kind=version.kind, platform=notice.platform.slug,
        platform_name=notice.platform.name, language=version.language, severity="high", threat_to_life=False,
        organisation=notice.sender_organisation, sender_name=notice.sender_name,
        sender_email=notice.sender_email, good_faith=True, explanation=EXPLANATION, marking=notice.marking,
        handling=notice.handling, follows=EARLIER if version.kind != REMOVALS[0] else "",
        follows_sent_at=timezone.now() if version.kind != REMOVALS[0] else None, told_before="",
        answer_amount=48,
        answer_unit="hours", lines=(line,),
    )  # fmt: skip


def _invented_dispute(version: LetterVersion) -> DisclosedDispute:
    now, removed = timezone.now(), version.kind == NoticeKind.DISPUTE
    return DisclosedDispute(
        notice=EARLIER, line=1, sent_at=now, answer="removed" if removed else "refused",
        refusal_code="" if removed else "no_policy_breach", answered_at=now,
        verdict="live" if removed else "gone", seen_at=now, vantage="GB", sha256="",
    )  # fmt: skip


def _notice(reference: str, by: User) -> Notice | None:
    seen = Notice.objects.visible_to(by).select_related("platform", "follows")
    return seen.filter(reference=reference).first()


def _items(asked: list[str], by: User) -> list[Item]:
    """The items named, all of one platform; or those of a case of the platform that has most of them."""
    seen = Item.objects.visible_to(by).select_related("platform")
    if len(asked) == 1 and (case := Case.objects.visible_to(by).filter(reference=asked[0]).first()):
        found = list(seen.filter(case=case).order_by("pk")[:MOST])
        platforms = [item.platform_id for item in found]
        found = [item for item in found if item.platform_id == max(platforms, key=platforms.count)]
    else:
        found = list(seen.filter(reference__in=asked).order_by("pk")[:MOST])
    if not found:
        raise ValidationError({"on": UNKNOWN.format(asked=" ".join(asked)[:60])})
    if len({item.platform_id for item in found}) > 1:
        raise ValidationError({"on": "These items are of several platforms; a letter goes to one."})
    return found


def _imagined(version: LetterVersion, platform: Platform, follows: Notice | None) -> Notice:
    """A notice that is stored nowhere."""
    now = timezone.now()
    return Notice(
        reference=REFERENCE, kind=version.kind, platform=platform, language=version.language, letter=GENERAL,
        follows=follows or _earlier(version, now), sender_organisation=settings.SENDER_ORGANISATION,
        sender_name=settings.SENDER_NAME, sender_email=settings.SENDER_EMAIL, good_faith=True,
        explanation=EXPLANATION, marking=settings.LETTER_MARKING, handling=settings.LETTER_HANDLING,
    )  # fmt: skip


def _earlier(version: LetterVersion, at: datetime) -> Notice | None:
    return None if version.kind == REMOVALS[0] else Notice(reference=EARLIER, sent_at=at)
