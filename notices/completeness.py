"""What a draft still lacks before it can be frozen (DSA article 16(2), for a notice)."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notices import letters, sendable
from notices.disclosed import BARE
from notices.models import Line, Notice, NoticeKind

EXACT = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[^\s\[\]<>\"/?#]+)(?::\d+)?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE
)
SENDER = {
    "sender_organisation": "Say which organisation sends it.",
    "sender_name": "Say who sends it.",
    "sender_email": "Give the e-mail address of the sender.",
}
GOOD_FAITH = "State the good-faith belief that the notice is accurate and complete."
EXPLANATION = {
    NoticeKind.WITHDRAWAL: "Tell the platform why the notice is withdrawn.",
    NoticeKind.CORRECTION: "Tell the platform what was wrong, and what is right.",
}


def problems(notice: Notice) -> dict[str, list[str]]:
    """What is missing, by field; empty when the draft can be submitted."""
    found = {name: [what] for name, what in SENDER.items() if not getattr(notice, name)}
    if not notice.good_faith and notice.kind not in BARE:
        found["good_faith"] = [GOOD_FAITH]
    if notice.sender_email and not _is_email(notice.sender_email):
        found["sender_email"] = ["This is not an e-mail address."]
    if notice.channel is None:
        found["channel"] = [sendable.NO_CHANNEL.format(platform=notice.platform)]
    if notice.kind in EXPLANATION and not notice.explanation.strip():
        found["explanation"] = [EXPLANATION[NoticeKind(notice.kind)]]
    lines = letters.lines_of(notice)
    if wrong := [why for line in lines for why in _line_problems(line, notice)]:
        found["lines"] = wrong
    elif not lines:
        found["lines"] = ["The notice has no line."]
    return found


def _line_problems(line: Line, notice: Notice) -> list[str]:
    found = []
    if not EXACT.fullmatch(line.address):
        found.append(f"Line {line.position} ({line.item}): the address is not an exact web address.")
    assessment = letters.current_assessment(line.item)
    if notice.kind not in BARE and (assessment is None or not assessment.rationale.strip()):
        found.append(f"Line {line.position} ({line.item}): the reasons are missing; assess the item.")
    return found


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
