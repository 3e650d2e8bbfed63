"""What an answer may say, and which answers claim a removal; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.models import Claim
from notices.models import Answer, Line, Notice, NoticeKind, RefusalCode

REMOVALS = frozenset(
    {
        Claim.REMOVED,
        Claim.ACCOUNT_SUSPENDED,
        Claim.ACCOUNT_TERMINATED,
        Claim.ALREADY_GONE,
        Claim.ACCESS_DISABLED,
    }
)
# What can be said to a request to preserve.
OF_PRESERVATION = (
    Claim.PRESERVED_ONLY,
    Claim.REFUSED,
    Claim.MORE_INFORMATION,
    Claim.NOT_FOUND_BY_PLATFORM,
    Claim.NOT_HOSTED_HERE,
)
TERRITORIAL = frozenset({Claim.ACCESS_DISABLED, Claim.RESTRICTED_GEO})

REFERENCES = frozenset({"line", "by", "mail"})  # records that are there; to look each up would take a query


def claims_for(notice: Notice) -> tuple[Claim, ...]:
    """What can be answered to the lines of this notice."""
    return OF_PRESERVATION if notice.kind == NoticeKind.PRESERVATION else tuple(Claim)


def claims_removal(answer: str, territories: Sequence[str]) -> bool:
    """Whether the answer says that nobody can see the item any more (statistics, 1.4)."""
    return answer in REMOVALS and not (answer == Claim.ACCESS_DISABLED and territories)


def check(values: Mapping[str, Any], lines: Sequence[Line]) -> None:
    """Raise `ValidationError`, per field, unless these values of an `Answer` fit each other and the lines."""
    problems = {
        "answer": _kind(values["answer"], lines),
        "refusal_code": _refusal(values["answer"], values["refusal_code"]),
        "territories": _territories(values["answer"], values["territories"]),
        "at": _time(values["at"], lines),
        "effective_at": _effect(values["effective_at"], values["at"]),
    }
    if found := {name: problem for name, problem in problems.items() if problem}:
        raise ValidationError(found)
    Answer(line=lines[0], **values).clean_fields(exclude=REFERENCES)


def _kind(answer: str, lines: Sequence[Line]) -> str:
    asked = [line.notice for line in lines if line.notice.kind == NoticeKind.PRESERVATION]
    if not asked or answer in OF_PRESERVATION or answer not in Claim.values:
        return ""
    allowed = ", ".join(Claim(each).label for each in OF_PRESERVATION)
    return f"{asked[0]} asks to preserve, not to remove; answer with one of: {allowed}."


def _refusal(answer: str, code: str) -> str:
    if answer == Claim.REFUSED and not code:
        return f"Give the reason of the refusal: {', '.join(RefusalCode.values)}."
    if answer != Claim.REFUSED and code:
        return "Only a refusal has a reason code."
    return ""


def _territories(answer: str, codes: Sequence[str]) -> str:
    if codes and answer not in TERRITORIAL:
        return "Territories belong to disabled access and to a restriction by territory only."
    bad = [code for code in codes if len(code) != 2 or not (code.isalpha() and code.isascii())]
    return f"Not a country code of two letters: {', '.join(bad)}." if bad else ""


def _time(at: datetime, lines: Sequence[Line]) -> str:
    if at > timezone.now():
        return "An answer cannot lie in the future."
    early = [str(line) for line in lines if line.notice.sent_at and at < line.notice.sent_at]
    return f"The answer lies before the notice was sent: {', '.join(early)}." if early else ""


def _effect(effective_at: datetime | None, at: datetime) -> str:
    if effective_at is not None and effective_at > at:
        return "The measure cannot take effect after the answer about it."
    return ""
