"""A notice as a signed message to the platform's own endpoint (standardwebhooks.com), safe to repeat.

Every attempt carries the same id, so that whoever has it already can tell; the time and with it the signature are
new each time. What may have arrived is therefore repeated, and nothing is lost by a kill at any moment.
"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from checker.guard import Refused as NotPublic
from checker.guard import Unresolved
from notices.channels import webhook_secrets
from notices.channels.connection import Answer, NoAnswer, post
from notices.channels.outcomes import (
    Accepted,
    CannotSend,
    MayHaveArrived,
    NotDelivered,
    Refused,
    SwitchedOff,
    TryAgain,
)
from notices.disclosed import DisclosedLine, disclose, one_line
from notices.models import Notice, NoticeKind
from platforms.models import Channel

EVENT = "notice.sent"
GONE = 410
NOT_NOW = frozenset({408, 425, 429})
SIGNATURE_REFUSED = frozenset({400, 401, 403})
TOLERANCE = timedelta(minutes=5)  # of the other side's clock, by the specification
LONGEST_EXCERPT = 200
RETIRED = "The endpoint was switched off."


def message_id(notice: Notice) -> str:
    """The same for every attempt: from the reference and the frozen text; without the full stop of the signed text.

    The text of a chaser may become shorter until it has arrived; its id stays.
    """
    if notice.kind == NoticeKind.CHASER:
        return notice.reference
    return f"{notice.reference}-{notice.body_sha256[:24]}"


def payload(notice: Notice) -> bytes:
    """The notice as JSON in UTF-8; equal records give equal bytes."""
    decided_at = notice.approved_at or notice.queued_at
    told = disclose(notice)
    document = {
        "type": EVENT,
        "timestamp": decided_at.astimezone(UTC).isoformat() if decided_at else None,
        "data": {
            "reference": told.reference,
            "kind": told.kind,
            "follows": told.follows or None,
            "platform": told.platform,
            "language": told.language,
            "severity": told.severity,
            "threat_to_life": told.threat_to_life,
            "marking": told.marking,
            "handling": told.handling,
            "subject": notice.subject,
            "letter": notice.body,
            "letter_sha256": notice.body_sha256,
            "sender": {
                "organisation": told.organisation,
                "name": told.sender_name,
                "email": told.sender_email,
            },
            "good_faith": told.good_faith,
            "lines": [_line(line) for line in told.lines],
        },
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _line(line: DisclosedLine) -> dict[str, Any]:
    ground, clause = line.ground, line.clause
    return {
        "line": line.position,
        "reference": line.reference,
        "address": line.address,
        "kind": line.kind,
        "identifier": line.identifier,
        "owner": line.owner,
        "ground": {"code": ground.code, "name": ground.name} if ground else None,
        "policy_clause": {"code": clause.code, "title": clause.title, "url": clause.url} if clause else None,
        "reasons": line.reasons,
    }


def signed(channel: Channel, *, id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of the specification; while secrets change, one signature by each."""
    moment, text = at.astimezone(UTC), body.decode()
    secrets = webhook_secrets.valid(channel, at=at)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(id, moment, text) for secret in secrets),
    }


def deliver(notice: Notice, channel: Channel) -> Accepted:
    """Send the message; any 2xx is the receipt. Raises `CannotSend`, `TryAgain`, `MayHaveArrived`, `Refused`."""
    if not channel.is_current:
        raise Refused(RETIRED)
    body = payload(notice)
    headers = {
        "content-type": "application/json",
        "user-agent": f"TakedownDesk/{settings.VERSION}",
        **signed(channel, id=message_id(notice), body=body, at=timezone.now()),
    }
    try:
        answer = post(channel.address, headers=headers, body=body, seconds=settings.WEBHOOK_TIMEOUT)
    except Unresolved as silence:
        raise TryAgain(f"The endpoint cannot be found: {silence.reason}.") from silence
    except NotPublic as refusal:
        raise CannotSend(f"The endpoint's address cannot be used: {refusal.reason}.") from refusal
    except ValueError as fault:
        raise CannotSend(str(fault)) from fault
    except NoAnswer as broken:
        if broken.sent:
            raise MayHaveArrived(f"The message was sent, but no answer came: {broken}.") from broken
        raise TryAgain(f"The endpoint cannot be reached: {broken}.") from broken
    said = _said(answer)
    if 200 <= answer.status < 300:
        return Accepted(said, status=answer.status)
    raise _refusal(answer, said, timezone.now())


def _refusal(answer: Answer, said: str, now: datetime) -> NotDelivered:
    status, wait = answer.status, _pause(answer.headers.get("retry-after", ""), now)
    if status >= 500:
        return MayHaveArrived(said, status=status, wait=wait)
    if status in NOT_NOW:
        return TryAgain(said, status=status, wait=wait)
    if status == GONE:
        return SwitchedOff(said, status=status)
    if 300 <= status < 400:
        said = f"{said} It points elsewhere; enter the endpoint's own address."
    elif status in SIGNATURE_REFUSED and (skew := _skew(answer.headers.get("date", ""), now)) > TOLERANCE:
        minutes = round(skew.total_seconds() / 60)
        said = f"{said} Its clock and ours are {minutes} minutes apart, so it may take our signature for an old one."
    return Refused(said, status=status)


def _said(answer: Answer) -> str:
    text = one_line(answer.beginning.decode(errors="replace"))
    return f"{answer.status} {text[:LONGEST_EXCERPT]}".strip()


def _pause(retry_after: str, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, in seconds or as a date; None where it says nothing that can be read."""
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after[:9]), 86_400))
    if (until := _date(retry_after)) is None:
        return None
    return max(until - now, timedelta(0))


def _skew(date: str, now: datetime) -> timedelta:
    """How far the other side's clock is from ours, by the `Date` of its answer."""
    theirs = _date(date)
    return abs(theirs - now) if theirs else timedelta(0)


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
