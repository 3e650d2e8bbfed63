"""Reports of mail servers and programs: not delivered, delayed, delivered (RFC 3464), opened (RFC 8098); pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any, cast

from notices.incoming.parsing import Letter, clean, leaves, unfolded
from notices.models import MailKind

ACTIONS = {
    "failed": MailKind.BOUNCE,
    "delayed": MailKind.DELAYED,
    "delivered": MailKind.DELIVERED,
    "relayed": MailKind.DELIVERED,
    "expanded": MailKind.DELIVERED,
}
GRAVEST_FIRST = (MailKind.BOUNCE, MailKind.DELAYED, MailKind.DELIVERED)
QMAIL = re.compile(r"Hi\. This is the .{0,40}(qmail-send|mail) program", re.IGNORECASE)
QMAIL_FAILED = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:\s*\n((?:\S.*\n?){1,6})", re.MULTILINE)
WITHOUT_FORM = re.compile(
    r"undeliver|delivery (status notification|has failed|failure)|returned mail|mail delivery failed|failure notice"
    r"|unzustellbar|non remis|échec de (la )?remise|تعذر (تسليم|التسليم)",
    re.IGNORECASE,
)
STATUS = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")
MOST_RECIPIENTS = 100


@dataclass(frozen=True)
class Recipient:
    """What became of the message for one recipient, by the addresses that it had on its way."""

    addresses: tuple[str, ...]
    kind: MailKind
    said: str


@dataclass(frozen=True)
class Report:
    """What a report says; `message_id` is that of the letter it is about, as it says."""

    kind: MailKind
    recipients: tuple[Recipient, ...] = ()
    message_id: str = ""

    @property
    def said(self) -> str:
        """In one line, for the history."""
        told = [each for each in self.recipients if each.kind == self.kind]
        return "; ".join(f"{each.addresses[0]}: {each.said}" for each in told)[:250]


def report(letter: Letter, envelope_sender: str) -> Report | None:
    """The report that a message is, or None."""
    for part in leaves(letter.message):
        kind = part.get_content_type()
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            return _delivery(letter, part)
        if kind in {"message/disposition-notification", "message/global-disposition-notification"}:
            return Report(
                MailKind.OPENED, message_id=_field(next(_blocks(part), Message()), "Original-Message-ID")
            )
    return _without_form(letter, envelope_sender)


def _delivery(letter: Letter, part: Message) -> Report | None:
    found: list[Recipient] = []
    for block in _blocks(part):
        kind = ACTIONS.get(_field(block, "Action").lower())
        if kind and len(found) < MOST_RECIPIENTS:
            named = (_after(_field(block, each)) for each in ("Final-Recipient", "Original-Recipient"))
            told = tuple(dict.fromkeys(each.strip("<>").lower()[:320] for each in named if each))
            said = " ".join([_field(block, "Status"), _after(_field(block, "Diagnostic-Code"))]).strip()
            found.append(Recipient(told or ("?",), kind, said[:200] or kind.label))
    if not found:
        return None
    kind = next(each for each in GRAVEST_FIRST if each in {recipient.kind for recipient in found})
    return Report(kind, tuple(found), _original_id(letter))


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields; a program may have written them as mere text."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        yield from (cast(Message, each) for each in payload)


def _field(block: Message, name: str) -> str:
    for header, value in block.raw_items():
        if header.lower() == name.lower():
            return " ".join(clean(unfolded(value)).split())[:1000]
    return ""


def _after(value: str) -> str:
    """Behind the type, as in `rfc822; somebody@example.com`."""
    return value.partition(";")[2].strip() or value.strip()


def _original_id(letter: Letter) -> str:
    """The Message-ID in the headers of ours that came back."""
    for part in leaves(letter.message):
        kind = part.get_content_type()
        payload: Any = part.get_payload()
        if kind in {"message/rfc822", "message/global"} and isinstance(payload, list) and payload:
            return _field(payload[0], "Message-ID")
        if kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            text = cast(bytes | None, part.get_payload(decode=True)) or b""
            found = re.search(rb"^message-id:\s*(<[^<>\s]+>)", text[:100_000], re.IGNORECASE | re.MULTILINE)
            return clean(found[1].decode("latin-1")) if found else ""
    return ""


def _without_form(letter: Letter, envelope_sender: str) -> Report | None:
    """As qmail writes them, and others in words alone; only from nobody (an empty envelope sender)."""
    if envelope_sender not in {"", "<>"}:
        return None
    if QMAIL.search(letter.text[:500]):
        failed = QMAIL_FAILED.findall(letter.text[:20_000])[:MOST_RECIPIENTS]
        told = tuple(
            Recipient((name.lower(),), MailKind.BOUNCE, " ".join(why.split())[:200]) for name, why in failed
        )
        return Report(MailKind.BOUNCE, told) if told else None
    if WITHOUT_FORM.search(letter.header("Subject")):
        return Report(MailKind.BOUNCE)
    return None
