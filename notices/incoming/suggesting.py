"""What a reply seems to say about each line, for a person to confirm; pure. It reads words and decides nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from casework.models import Claim
from notices.incoming import moments, phrases, quoting
from notices.incoming.phrases import Phrase

LONGEST_QUOTED = 300
MOST_FRAGMENTS = 2_000
FRAGMENT_END = re.compile(r"(?<=[.!?؟;])\s+")
LIST_ITEM = re.compile(r"\s*(?:[-*•]|\(?\d{1,4}[.):]|20\d\d-\d{6})")
NUMBERED = re.compile(r"^\s*\(?(\d{1,4})[.):]\s")
NAMED = re.compile(
    r"\b(?:lines?|items?|posts?|urls?|entr(?:y|ies)|numbers?|nos?\.?|nr\.?|zeilen?|punkte?|beitr(?:ag|äge)|lignes?|points?"
    r"|éléments?|السطر|السطور|البند|البنود|رقم)\s*#?\s*"
    r"(\d{1,4}(?:\s*(?:,|-|–|to|bis|à|and|und|et|&|و)\s*(?:and\s+|und\s+|et\s+)?\d{1,4})*)(?![\d\w-])",
    re.IGNORECASE,
)
SPAN = re.compile(r"(\d{1,4})\s*(?:-|–|to|bis|à)\s*(\d{1,4})", re.IGNORECASE)
ITEM = re.compile(r"\b20\d\d-\d{6}\b")
THEIR_REFERENCE = re.compile(
    r"(?:\b(?:ticket|case|request|report|reference|ref|vorgang|anfrage|dossier|référence|demande)"
    r"|رقم (?:البلاغ|الطلب|التذكرة))"
    r"\s*(?:id|number|no|nr|nummer|numéro|n°)?\.?\s*(?:is|ist|est|:|=|#)?\s*[\[(]?#?\s*"
    r"(?=[A-Z0-9/_-]*\d)([A-Z0-9][A-Z0-9/_-]{2,39})|\[#(\w{3,40})\]",
    re.IGNORECASE,
)
OURS = re.compile(r"N20\d\d-\d{6}|20\d\d-\d{6}", re.IGNORECASE)


@dataclass(frozen=True)
class About:
    """What the reader knows of a line: what it is called, and by which addresses, without scheme and final stroke."""

    position: int
    reference: str
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, position: int, reference: str, *addresses: str) -> "About":
        bare = (re.sub(r"^https?://(www\.)?", "", address.rstrip("/")) for address in addresses)
        return cls(position, reference, tuple(dict.fromkeys(each for each in bare if each)))


@dataclass(frozen=True)
class Suggested:
    """What is said of one line, with the words that say so."""

    answer: str
    refusal_code: str
    effective_at: datetime | None
    because: str


@dataclass
class Suggestion:
    """A reading of a reply; `several` when it says different things and not of which line."""

    lines: dict[int, Suggested] = field(default_factory=dict)
    platform_reference: str = ""
    is_receipt: bool = False
    is_question: bool = False
    several: bool = False
    times: list[datetime] = field(default_factory=list)


def suggest(text: str, lines: Sequence[About], *, subject: str = "", letter: str = "") -> Suggestion:
    """Read the text of a reply to a letter about these lines."""
    own = quoting.own_words(text, letter)
    made = Suggestion(
        platform_reference=their_reference(f"{subject}\n{own}"),
        times=[at for at, _ in moments.found(own)],
    )
    said: list[tuple[set[int], Phrase, str]] = []
    expected: set[int] = set()  # lines named just before, of which nothing has been said yet
    for quoted, fragment in _fragments(quoting.passages(text, letter)):
        named = _lines_named(fragment, lines)
        phrase = None if quoted else phrases.meaning(fragment)
        if phrase is None:
            made.is_receipt |= not quoted and bool(phrases.RECEIPT.search(fragment))
            expected = named if len(named) == 1 or not quoted else set()
        else:
            everything = not named and phrases.EVERYTHING.search(fragment)
            said.append((named or (set() if everything else expected), phrase, fragment))
            expected = set()
    _spread(said, [line.position for line in lines], made)
    made.is_question = any(phrase.answer == Claim.MORE_INFORMATION for _, phrase, _ in said)
    return made


def _spread(said: Iterable[tuple[set[int], Phrase, str]], positions: Sequence[int], made: Suggestion) -> None:
    """What is said of a line counts for it; what is said of none counts for the others if it is one thing."""
    said = list(said)
    general = [(phrase, fragment) for named, phrase, fragment in said if not named]
    for named, phrase, fragment in said:
        for position in named & set(positions):
            made.lines.setdefault(position, _suggested(phrase, fragment))
    kinds = {(phrase.answer, phrase.refusal_code) for phrase, _ in general}
    made.several = len(kinds) > 1
    if len(kinds) == 1:
        for position in positions:
            made.lines.setdefault(position, _suggested(*general[0]))


def _suggested(phrase: Phrase, fragment: str) -> Suggested:
    times = [at for at, has_hour in moments.found(fragment) if has_hour]
    effective_at = times[0] if len(times) == 1 and phrase.answer != Claim.REFUSED else None
    return Suggested(phrase.answer, phrase.refusal_code, effective_at, fragment[:LONGEST_QUOTED])


def _fragments(found: Iterable[quoting.Passage]) -> Iterator[tuple[bool, str]]:
    """Sentences, and items of lists; a quoted passage as one, with its last line that names something at the end."""
    count = 0
    for passage in found:
        pieces = [passage.text] if passage.quoted else _sentences(passage.lines)
        for piece in pieces:
            count += 1
            if count > MOST_FRAGMENTS:
                return
            if piece.strip():
                yield passage.quoted, piece[:20_000]


def _sentences(lines: Sequence[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if paragraph and (not line.strip() or LIST_ITEM.match(line)):
            for sentence in FRAGMENT_END.split(NUMBERED.sub(r"(\1) ", " ".join(paragraph), count=1)):
                yield from phrases.TURN.split(sentence)
            paragraph = []
        if line.strip():
            paragraph.append(line.strip())


def _lines_named(fragment: str, lines: Sequence[About]) -> set[int]:
    """By their number, reference or address; 0 where it names lines that are none of these."""
    positions = {line.position for line in lines}
    named = {int(number) for number in NUMBERED.findall(fragment[:12])}
    for numbers in NAMED.findall(fragment):
        named |= {int(number) for number in re.findall(r"\d+", numbers)}
        for first, last in SPAN.findall(numbers):
            named |= set(range(int(first), min(int(last), int(first) + 1_000) + 1))
    by_reference: Mapping[str, int] = {line.reference: line.position for line in lines}
    named |= {by_reference[each] for each in ITEM.findall(fragment) if each in by_reference}
    if "/" in fragment:
        plain = fragment.replace("[.]", ".")
        named |= {line.position for line in lines if any(_names(plain, each) for each in line.addresses)}
    return named & positions or ({0} if named else set())


def _names(fragment: str, address: str) -> bool:
    """Whether the whole address stands there; a longer one is another."""
    place = fragment.find(address)
    after = fragment[place + len(address) :][:1]
    return place >= 0 and not (after.isalnum() or after in {"_", "-", "%"})


def their_reference(text: str) -> str:
    """The number that the platform gave to our notice, if the text names one."""
    for match in THEIR_REFERENCE.finditer(text):
        found = match[1] or match[2]
        if found and not OURS.fullmatch(found) and any(character.isdigit() for character in found):
            return found[:120]
    return ""
