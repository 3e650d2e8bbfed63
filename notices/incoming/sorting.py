"""What kind of message came in: written by a person, or by a program, and by which; pure."""

import re

from notices.incoming import phrases, quoting
from notices.incoming.parsing import Letter
from notices.models import MailKind

ANSWERED_BY_PROGRAM = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply")
SUPPRESSING = ("X-Auto-Response-Suppress",)
PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "autoreply"})
SUBMITTED_BY_PROGRAM = "A program wrote it, as its headers say."


def kind(letter: Letter, *, returned: bool, letter_sent: str) -> MailKind:
    """What a message that is no report is; `returned` when it came to the address for what cannot be delivered.

    Ticket systems mark also what people write in them as automatic. So what plainly answers stays a reply, unless it
    says itself that it is an automatic reply (RFC 3834).
    """
    own = quoting.own_words(letter.text, letter_sent)
    submitted = letter.header("Auto-Submitted").partition(";")[0].strip().lower()
    away = bool(phrases.VACATION.match(letter.header("Subject"))) or any(
        letter.raw(name) for name in ANSWERED_BY_PROGRAM
    )
    replied = submitted.startswith("auto-replied") or away or returned
    if not replied and (not is_by_program(letter) or says_what_was_done(own)):
        return MailKind.REPLY
    if (
        away
        or phrases.OUT_OF_OFFICE.search(letter.header("Subject"))
        or (phrases.OUT_OF_OFFICE.search(own) and not phrases.RECEIPT.search(own))
    ):
        return MailKind.OUT_OF_OFFICE
    return MailKind.RECEIPT if phrases.RECEIPT.search(own) else MailKind.AUTOMATIC


def is_by_program(letter: Letter) -> bool:
    """Whether its headers say that a program wrote it, or that programs are not to reply."""
    submitted = letter.header("Auto-Submitted").partition(";")[0].strip().lower()
    precedence = letter.header("Precedence").strip().lower()
    return (
        submitted not in {"", "no"}
        or precedence in PRECEDENCE
        or any(letter.raw(name) for name in SUPPRESSING)
    )


def says_what_was_done(own: str) -> bool:
    sentences = re.split(r"(?<=[.!?؟])\s+|\n\s*\n", own[:20_000])
    return any(phrases.meaning(" ".join(sentence.split())) for sentence in sentences)
