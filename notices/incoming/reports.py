"""Reports of mail servers and programs: not delivered, delayed, delivered (RFC 3464), opened (RFC 8098); pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
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
BY_STATUS = {"2": MailKind.DELIVERED, "4": MailKind.DELAYED, "5": MailKind.BOUNCE}  # where no action is named
ENCODED = frozenset({"base64", "quoted-printable"})
# What programs say in words alone; a delay is asked for first, because its subject may hold words of both.
LATE = re.compile(
    r"\bdelay(ed)?\b|^warning:|still being retried|not yet been delivered|verzögert|retardée?|تأخير",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"undeliver|delivery (status notification|has failed|failed|failure)|returned (mail|to sender)|mail delivery failed"
    r"|failure notice|could not be delivered|mail system error|unzustellbar|nicht zugestellt|nicht zustellbar"
    r"|non (remis|distribué|délivré)|échec de (la )?(remise|distribution)|onbestelbaar|no se puede entregar|devuelto"
    r"|mancato recapito|não entregue|تعذر (تسليم|التسليم)",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"this is the .{0,40}(qmail-send|mail) program|created automatically by mail delivery", re.IGNORECASE
)
# Below stands the letter itself, in which its recipient is named whoever the report is about.
COPY = re.compile(
    r"^[ \t\-_=*>]{0,80}((this is|below this line is|here is) a copy\b|(begin )?(the )?original message(?! was)"
    r"|ursprüngliche nachricht|message d'origine|(return-path|received|message-id|dkim-signature):)",
    re.IGNORECASE | re.MULTILINE,
)
NAMES_OF_HEADERS = re.compile(
    r"\s*(to|cc|from|sender|subject|sent|date|an|von|betreff|à|de|objet)\s*:", re.IGNORECASE
)
ADDRESSES = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,250}[a-z0-9]", re.IGNORECASE | re.ASCII
)
MOST_WORDS = 20_000
STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|\b55\d\b")
REPLIED = re.compile(r"\s*(re|aw|sv|antw|rép|رد)\s*:", re.IGNORECASE)
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
        kind = _kind(block)
        if kind and len(found) < MOST_RECIPIENTS:
            named = (_after(_field(block, each)) for each in ("Final-Recipient", "Original-Recipient"))
            told = tuple(dict.fromkeys(each.strip("<>").lower()[:320] for each in named if each))
            said = " ".join([_field(block, "Status"), _after(_field(block, "Diagnostic-Code"))]).strip()
            found.append(Recipient(told or ("?",), kind, said[:200] or kind.label))
    if not found:
        return None
    kind = next(each for each in GRAVEST_FIRST if each in {recipient.kind for recipient in found})
    return Report(kind, tuple(found), _original_id(letter))


def _kind(block: Message) -> MailKind | None:
    """What became of one recipient; both fields may carry a comment, and the action may be missing."""
    action = re.match(r"[a-z]+", _field(block, "Action").lower())
    if action is not None:
        return ACTIONS.get(action[0])
    return BY_STATUS.get(_field(block, "Status")[:1]) if _field(block, "Final-Recipient") else None


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields; an encoded part (RFC 6533) is one text, which the library does not take apart."""
    payload: Any = part.get_payload()
    rest = ""
    if (
        isinstance(payload, list)
        and str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ENCODED
    ):
        rest = _decoded(part, "\n\n".join(str(each) for each in payload))
    elif isinstance(payload, list):
        for each in payload:
            yield each
            inner = each.get_payload()
            rest += inner if isinstance(inner, str) else ""
    for group in re.split(r"\n\s*\n", rest[:MOST_WORDS].replace("\r\n", "\n"))[:MOST_RECIPIENTS]:
        if group.strip():
            yield HeaderParser().parsestr(group.lstrip("\n"))


def _decoded(part: Message, text: str) -> str:
    whole = Message()
    whole["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"])
    whole.set_payload(text.strip())
    return cast(bytes, whole.get_payload(decode=True)).decode("utf-8", "replace")


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
    """What is said in words alone; only from nobody (an empty envelope sender)."""
    if envelope_sender not in {"", "<>"}:
        return None
    subject, beginning = letter.header("Subject"), letter.text[:500]
    if REPLIED.match(subject):  # a person's, whose envelope sender nobody has handed on
        return None
    if LATE.search(subject):
        return Report(MailKind.DELAYED)
    if not (FAILED.search(subject) or OPENING.search(beginning) or letter.raw("X-Failed-Recipients")):
        return None
    named = _named(letter)
    why = STATUS.search(letter.text[:MOST_WORDS])
    said = why[0] if why else MailKind.BOUNCE.label
    return Report(MailKind.BOUNCE, tuple(Recipient((each,), MailKind.BOUNCE, said) for each in named))


def _named(letter: Letter) -> list[str]:
    """The addresses that a report in words is about: not those that stand in the letter that it returns."""
    text = letter.text[:MOST_WORDS]
    copied = COPY.search(text)
    rows = (text[: copied.start()] if copied else text).split("\n")
    told = [*letter.raw("X-Failed-Recipients"), *(row for row in rows if not NAMES_OF_HEADERS.match(row))]
    found = (each.lower() for row in told for each in ADDRESSES.findall(row[:1000]))
    return list(dict.fromkeys(found))[:MOST_RECIPIENTS]
