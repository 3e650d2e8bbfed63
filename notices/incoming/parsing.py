"""A raw message taken apart, whatever it holds: never an exception, and never more work than the limits allow; pure."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from pathlib import PurePath
from typing import Any, cast

from accounts import limits
from notices.incoming import markup

MOST_HEADERS = 512 * 1024  # bytes
FEW_HEADERS = 64 * 1024  # bytes that are read of a message that is not taken apart
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
MOST_LINES = 1_000_000
LONGEST_HEADER = 5_000  # characters that are interpreted
LONGEST_OF_PART = 500  # characters of a header that says what a part is
LONGEST_SHOWN = 1_000
MOST_TEXT = 100_000  # characters of all text parts together
MOST_SEPARATORS = 500  # lines that may part one part from the next
MOST_PARTS = 100
ENCODINGS = re.compile(
    r"ascii|utf-8|utf-16(-[bl]e)?|iso8859-\d+|cp125\d|cp437|cp850|cp932|cp949|koi8-[ru]|mac-roman|big5|gb2312|gbk|gb18030"
    r"|euc_jp|euc_kr|shift_jis|iso2022_jp|iso2022_kr|tis-620"
)
TOO_MANY_PARTS = "It has too many parts to be taken apart: download it to read it."
TOO_LONG = "It is too long to be taken apart: download it to read it."
TOO_DEEP = "Its parts are nested too deeply to be taken apart: download it to read it."
BROKEN = "It is not put together as mail should be; parts may be missing."
PARTS_LEFT_OUT = f"It has more than {MOST_PARTS} parts; the others are in the raw message."
TEXT_LEFT_OUT = "Its text is very long; here is the beginning."
ODD_LETTERS = "Its letters are written in an encoding that is not known, or not as it says."


class Bounded(EmailPolicy):
    """The library's policy, which takes the longer over a header the odder it is: of what is long, the beginning."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        most = LONGEST_OF_PART if name.lower().startswith("content-") else LONGEST_HEADER
        return super().header_fetch_parse(name, value[:most])


POLICY: Any = Bounded()


@dataclass(frozen=True)
class Part:
    """An attachment: its number in the message (from 1), its name and what it is said to be."""

    number: int
    filename: str
    media_type: str
    content: bytes


@dataclass
class Letter:
    """What could be read of a message; `remarks` say what could not."""

    message: EmailMessage
    text: str = ""
    attachments: list[Part] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def raw(self, name: str) -> list[str]:
        """The values of all headers of the name, topmost first, unfolded and not interpreted."""
        return [
            unfolded(value) for header, value in self.message.raw_items() if header.lower() == name.lower()
        ]

    def header(self, name: str) -> str:
        """The first header of the name as words in one line; empty without one."""
        found = self.raw(name)
        if not found:
            return ""
        if len(found[0]) > LONGEST_HEADER:
            return clean(found[0])[:LONGEST_SHOWN]
        try:
            return " ".join(clean(str(self.message[name])).split())[:LONGEST_SHOWN]
        except Exception:  # the library stumbles over some of what strangers write
            return " ".join(clean(found[0]).split())[:LONGEST_SHOWN]

    def written_at(self) -> datetime | None:
        """Under Date, if it is a time of the years 2000 to 2100."""
        if not self.raw("Date") or len(self.raw("Date")[0]) > 100:
            return None
        try:
            at = cast(Any, self.message["Date"]).datetime
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return None if limits.far_off(at) else cast(datetime, at.astimezone(UTC))
        except Exception:
            return None


def parse(raw: bytes) -> Letter:
    """Take a message apart."""
    if reason := _too_much(raw):
        return Letter(_headers(raw), remarks=[reason])
    try:
        message = cast(EmailMessage, message_from_bytes(raw, policy=POLICY))
        letter = Letter(message)
        _fill(letter)
    except RecursionError:
        return Letter(_headers(raw), remarks=[TOO_DEEP])
    except Exception:
        return Letter(_headers(raw), remarks=[BROKEN])
    return letter


def _too_much(raw: bytes) -> str:
    """Why the message is not taken apart: what the library would be too long at."""
    if raw.count(b"\n--") > MOST_SEPARATORS:
        return TOO_MANY_PARTS
    if raw.count(b"\n") > MOST_LINES or END_OF_HEADERS.search(raw, 0, MOST_HEADERS) is None:
        return TOO_LONG if len(raw) > MOST_HEADERS else ""
    return ""


def clean(text: str) -> str:
    """Without what no row can hold and no page should: NUL, half characters, and control characters but line ends."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", whole)


def unfolded(value: str) -> str:
    return re.sub(r"[\r\n]+", "", str(value))


def leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold something, in order; an attached message is one part."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting += [cast(EmailMessage, each) for each in reversed(inner)]
        else:
            yield part


def _headers(raw: bytes) -> EmailMessage:
    head = END_OF_HEADERS.split(raw[:FEW_HEADERS], maxsplit=1)[0]
    return cast(EmailMessage, BytesHeaderParser(policy=POLICY).parsebytes(head + b"\r\n\r\n"))


def _fill(letter: Letter) -> None:
    plain: list[str] = []
    html: list[str] = []
    for number, part in enumerate(leaves(letter.message), start=1):
        if number > MOST_PARTS:
            letter.remarks.append(PARTS_LEFT_OUT)
            break
        kind = part.get_content_type()
        name = _filename(part, number)
        if kind in {"text/plain", "text/html"} and not _is_attached(part):
            (plain if kind == "text/plain" else html).append(_words(part, letter))
        else:
            letter.attachments.append(Part(number, name, kind[:100], _content(part)))
        if part.defects and BROKEN not in letter.remarks:
            letter.remarks.append(BROKEN)
    text = "\n".join(plain)
    text = text if text.strip() else markup.as_text("\n".join(html)[:MOST_TEXT])
    if len(text) > MOST_TEXT:
        letter.remarks.append(TEXT_LEFT_OUT)
    letter.text = clean(text[:MOST_TEXT]).replace("\r\n", "\n").replace("\r", "\n")
    if letter.message.defects and BROKEN not in letter.remarks:
        letter.remarks.append(BROKEN)


def _is_attached(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _filename(part: EmailMessage, number: int) -> str:
    name = PurePath(clean(part.get_filename() or "").replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable())[-150:]
    return name or ("message.eml" if part.get_content_maintype() == "message" else f"part-{number}")


def _content(part: EmailMessage) -> bytes:
    if isinstance(part.get_payload(), list):
        return b"\n".join(bytes(each) for each in cast(list[Any], part.get_payload()))
    return cast(bytes | None, part.get_payload(decode=True)) or b""


def _words(part: EmailMessage, letter: Letter) -> str:
    content = (cast(bytes | None, part.get_payload(decode=True)) or b"")[: 4 * MOST_TEXT]
    for name in (str(part.get_content_charset() or "utf-8"), "utf-8", "cp1252"):
        try:
            if ENCODINGS.fullmatch(codecs.lookup(name).name):
                return codecs.getincrementaldecoder(name)().decode(content)
        except (LookupError, ValueError):
            pass
        if ODD_LETTERS not in letter.remarks:
            letter.remarks.append(ODD_LETTERS)
    return content.decode("utf-8", "replace")
