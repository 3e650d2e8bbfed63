"""What somebody wrote themselves, apart from what their mail program quotes below, above or between; pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SAME_AS_OURS = 12  # a line of the letter at least so long is the letter's, also where no mark says so
LONGEST_DIVIDER = 200
MOST_ATTRIBUTION = 3  # lines over which “On …, … wrote:” may be broken
WROTE = re.compile(
    r"\s*(on|am|le|el|il|den|op|em|في|بتاريخ)\b.{5,300}?"
    r"(wrote|schrieb.{0,80}|a écrit|escribió|ha scritto|schreef|escreveu|skrev|كتب.{0,80}|wrote the following)\s*:\s*",
    re.IGNORECASE | re.DOTALL,
)
DIVIDERS = (
    re.compile(
        r"[\s\-_=]*(original message|original appointment|forwarded message|ursprüngliche nachricht"
        r"|originalnachricht|message d'origine|message original|message transféré|الرسالة الأصلية)[\s\-_=:]*",
        re.IGNORECASE,
    ),
    re.compile(r"_{20,}|-{2,}\s*-{20,}"),
)
ABOVE_HERE = re.compile(
    r"reply above this line|type your reply above|répondez? au-dessus de cette ligne|oberhalb dieser (zeile|linie)"
    r"|اكتب ردك (فوق|أعلى) هذا السطر",
    re.IGNORECASE,
)
HEADERS = re.compile(
    r"\s*\**(from|sent|date|to|cc|subject|reply-to|von|gesendet|datum|an|betreff|de|envoyé|à|objet|من|إلى|تاريخ الإرسال"
    r"|تم الإرسال|الموضوع|التاريخ)\s*:\**\s*\S.*",
    re.IGNORECASE,
)
SENDING = re.compile(r"\s*\**(from|von|de|من)\s*:", re.IGNORECASE)
HEADERS_IN_A_ROW = 3
SIGNATURE = re.compile(r"--\s?")
BY_PROGRAM = re.compile(
    r"\s*(sent from (my|outlook|yahoo|proton|mail)\b.*|get outlook for .*|von meinem .* gesendet\.?|gesendet von .*"
    r"|envoyé (de|depuis) mon .*|أُ?رسل من .*)",
    re.IGNORECASE,
)
MARKED = re.compile(r"\s*(>|\|(?=\s))")


@dataclass(frozen=True)
class Passage:
    """A run of lines; `quoted` are those of somebody else."""

    quoted: bool
    lines: Sequence[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def passages(text: str, letter: str = "") -> list[Passage]:
    """The text in its order; lines of `letter`, which was sent to them, count as quoted wherever they stand."""
    lines = text.split("\n")
    ours = {_plain(line) for line in letter.split("\n") if len(_plain(line)) >= SAME_AS_OURS}
    marks = [bool(MARKED.match(line)) or _plain(line) in ours for line in lines]
    _mark_attributions(lines, marks)
    below = _reply_below_marker(lines, marks)
    if (end := _end(lines, marks, below)) is not None:
        marks[end:] = [True] * (len(lines) - end)
    marks = [mark or bool(BY_PROGRAM.fullmatch(line)) for line, mark in zip(lines, marks, strict=True)]
    return [passage for passage in _runs(lines, marks) if passage.text]


def own_words(text: str, letter: str = "") -> str:
    """Only what they wrote themselves."""
    return "\n\n".join(passage.text for passage in passages(text, letter) if not passage.quoted)


def _plain(line: str) -> str:
    return " ".join(re.sub(r"^[\s>|]+", "", line).split()).casefold()


def _mark_attributions(lines: Sequence[str], marks: list[bool]) -> None:
    """“On Monday …, … wrote:” may be broken over lines; it is theirs in no sense that matters."""
    for start in range(len(lines)):
        for count in range(1, MOST_ATTRIBUTION + 1):
            joined = " ".join(lines[start : start + count])
            if len(joined) < 600 and WROTE.fullmatch(joined):
                marks[start : start + count] = [True] * len(lines[start : start + count])
                break


def _reply_below_marker(lines: Sequence[str], marks: Sequence[bool]) -> bool:
    """Whether words of theirs stand below the last line that is marked as quoted: then nothing is cut off."""
    if not any(MARKED.match(line) for line in lines):
        return False
    last = max(place for place, line in enumerate(lines) if MARKED.match(line))
    return any(
        line.strip() for line, mark in zip(lines[last + 1 :], marks[last + 1 :], strict=True) if not mark
    )


def _end(lines: Sequence[str], marks: Sequence[bool], below: bool) -> int | None:
    """Where everything that follows is no longer theirs: a divider, a block of headers, a signature."""
    for place, line in enumerate(lines):
        if SIGNATURE.fullmatch(line) and any(_words_before(lines, marks, place)):
            return place
        if len(line) < LONGEST_DIVIDER and not below and any(each.fullmatch(line) for each in DIVIDERS):
            return place
        if (
            ABOVE_HERE.search(line)
            and len(line) < LONGEST_DIVIDER
            and any(_words_before(lines, marks, place))
        ):
            return place
        if SENDING.match(line) and _headers_in_a_row(lines[place : place + 12]) >= HEADERS_IN_A_ROW:
            return place
    return None


def _words_before(lines: Sequence[str], marks: Sequence[bool], place: int) -> Iterable[bool]:
    return (
        any(map(str.isalnum, line)) and not mark
        for line, mark in zip(lines[:place], marks[:place], strict=True)
    )


def _headers_in_a_row(lines: Sequence[str]) -> int:
    count = 0
    for line in lines:
        if HEADERS.fullmatch(line):
            count += 1
        elif line.strip():
            break
    return count


def _runs(lines: Sequence[str], marks: Sequence[bool]) -> list[Passage]:
    """Blank lines belong to the run before them."""
    found: list[tuple[bool, list[str]]] = []
    for line, mark in zip(lines, marks, strict=True):
        quoted = found[-1][0] if found and not line.strip() else mark
        if not found or found[-1][0] != quoted:
            found.append((quoted, []))
        found[-1][1].append(re.sub(r"^[\s>|]+", "", line) if quoted else line)
    return [Passage(quoted, run) for quoted, run in found]
