"""The two addresses that each letter by mail carries: where to reply, and where it comes back undelivered.

Both hold the notice's reference and 128 bits that only whoever knows `SECRET_KEY` can make; none is in a table, and a
key that has been retired into `SECRET_KEY_FALLBACKS` is still known. A reply address says nothing about a return
address: whoever may write to us cannot therefore make a letter bounce.
"""

import base64
import hmac
import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from notices.models import Dispatch, Notice

REPLY, RETURN = "reply", "return"
BITS = 128
FORM = re.compile(
    r"(?P<purpose>reply|return)\+(?P<reference>n\d{4}-\d{6,9})(?:\.(?P<dispatch>\d{1,12}))?\.(?P<token>[a-z2-7]{26})"
    r"@(?P<domain>[a-z0-9.-]+)",
    re.ASCII,
)


@dataclass(frozen=True)
class Addressed:
    """What a true address of ours says; `dispatch` is the key of the outbox row by which the letter went."""

    purpose: str
    reference: str
    dispatch: int | None = None


def reply_address(notice: Notice) -> str:
    """Where answers to this notice are to be written; empty where the site takes no mail."""
    return _made(REPLY, notice.reference) if settings.REPLY_DOMAIN else ""


def return_address(dispatch: Dispatch) -> str:
    """The envelope's sender of the notice as it goes by this row; empty where the site takes no mail."""
    return _made(RETURN, dispatch.notice.reference, dispatch.pk) if settings.REPLY_DOMAIN else ""


def understood(address: str) -> Addressed | None:
    """What an address says if it is one of ours, whatever the case of its letters."""
    found = FORM.fullmatch(address.strip().strip("<>").lower())
    if found is None or found["domain"] != settings.REPLY_DOMAIN.lower():
        return None
    dispatch = int(found["dispatch"]) if found["dispatch"] else None
    named = _named(found["purpose"], found["reference"], dispatch)
    true = [_token(named, str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    if not any(hmac.compare_digest(found["token"], token) for token in true):
        return None
    return Addressed(found["purpose"], found["reference"].upper(), dispatch)


def _made(purpose: str, reference: str, dispatch: int | None = None) -> str:
    named = _named(purpose, reference, dispatch)
    return f"{named}.{_token(named, settings.SECRET_KEY)}@{settings.REPLY_DOMAIN}"


def _named(purpose: str, reference: str, dispatch: int | None) -> str:
    return f"{purpose}+{reference.lower()}" + (f".{dispatch}" if dispatch is not None else "")


def _token(named: str, key: str) -> str:
    digest = salted_hmac("notices.incoming.addresses", named, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest[: BITS // 8]).decode().rstrip("=").lower()
