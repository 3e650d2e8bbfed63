"""The words of a letter: placeholders by fixed names, filled in once; nothing in them runs.

A wording has a subject of one line and a body. `$name` stands for one of the `PLACEHOLDERS`. What stands between a line
`[each line]` and a line `[end]` is repeated for every line of the notice, with the `LINE_PLACEHOLDERS`; a row of it
whose placeholders all stand for nothing is left out. `$$` is the sign itself.

What the program brings along lies in `templates/notices/letters/<language>/`: the first line of a file is the subject,
after an empty line follows the body. Beside the letters lie the fixed phrases, which are no part of any wording.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from notices.kinds import DISPUTES, GENERAL, REMOVALS, NoticeKind

FOLDER = settings.BASE_DIR / "templates" / "notices" / "letters"
PHRASES = "phrases.toml"
SUBJECT = "Subject: "
EACH, END = "[each line]", "[end]"
NAME = re.compile(r"\$(?:(?P<sign>\$)|(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z0-9_]*)\})?")

PLACEHOLDERS: Mapping[str, str] = {
    "reference": "the notice's reference",
    "date": "the day on which the letter is frozen",
    "platform": "the platform's name",
    "organisation": "the organisation that sends it",
    "sender_name": "the person or desk that sends it",
    "sender_email": "the sender's e-mail address",
    "count": "how many items it is about, in words: “3 items”",
    "urgency": "that a life may depend on it, and what a later notice takes up; often nothing",
    "severity": "the highest severity of its lines",
    "grounds": "the legal grounds of all lines, each once",
    "clauses": "the platform's own clauses of all lines, each once",
    "lines": "every line with address, grounds and reasons, in the usual layout",
    "answer_by": "the time within which the platform has promised to answer",
    "good_faith": "the statement of good faith",
    "explanation": "what a withdrawal or a correction tells",
    "follows": "the reference of the notice that it takes back, corrects or takes up",
    "follows_date": "the day on which that one left",
}
LINE_PLACEHOLDERS: Mapping[str, str] = {
    "line": "the line's number",
    "address": "the exact address",
    "was": "the address as an earlier notice gave it, where it has changed",
    "kind": "what the item is: post, video, account",
    "identifier": "the platform's own identifier",
    "owner": "the account that published it",
    "item": "our reference of the item",
    "ground": "the legal ground",
    "ground_summary": "what the ground says",
    "clause": "the platform's own clause, with its reference",
    "clause_address": "where the platform publishes the clause",
    "severity": "the line's severity",
    "reasons": "why it should go, as assessed",
    "notice": "of what is disputed: our notice that was answered, its date and the line in it",
    "answer": "of what is disputed: what the platform answered, and when (UTC)",
    "seen": "of what is disputed: what we saw since, when (UTC), and from which country",
    "capture": "of what is disputed: the SHA-256 of what we kept of it, where it is told",
    "before": "of what has come back: our earlier notice, and when it was seen again (UTC)",
}
SENDER = ("reference", "organisation", "sender_name", "sender_email", "lines")
# DSA article 16(2): reasons and exact addresses (in the lines), the sender, the statement of good faith.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(REMOVALS, (*SENDER, "urgency", "good_faith")),
    NoticeKind.WITHDRAWAL: (*SENDER, "follows", "explanation"),
    NoticeKind.CORRECTION: (*SENDER, "follows", "explanation", "good_faith"),
    **dict.fromkeys((NoticeKind.PRESERVATION, *DISPUTES), SENDER),
}
IN_LINES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*REMOVALS, NoticeKind.CORRECTION), ("address", "reasons")),
    **dict.fromkeys((NoticeKind.WITHDRAWAL, NoticeKind.PRESERVATION), ("address",)),
    **dict.fromkeys(DISPUTES, ("address", "notice", "answer", "seen")),
}


@dataclass(frozen=True)
class Shipped:
    """A wording that comes with the program."""

    kind: str
    letter: str
    language: str
    subject: str
    body: str


@dataclass(frozen=True)
class Part:
    """A stretch of a body; `first` is the number of its first line. A repeated one stands once for each line."""

    text: str
    first: int
    repeated: bool


@cache
def phrases(language: str) -> dict[str, Any]:
    """The fixed phrases of a language, as in its `phrases.toml`."""
    return tomllib.loads((FOLDER / language / PHRASES).read_text(encoding="utf-8"))


def shipped() -> Iterator[Shipped]:
    """What lies in the folders; raises `ValueError`, naming the file, for one that no letter can be written from."""
    for path in sorted(FOLDER.glob("*/*.txt")):
        name = path.stem
        kind = NoticeKind(name) if name in NoticeKind.values else NoticeKind.NOTICE
        letter = name if kind == NoticeKind.NOTICE else GENERAL
        first, _, body = path.read_text(encoding="utf-8").partition("\n")
        subject, body = first.removeprefix(SUBJECT).strip(), body.strip() + "\n"
        wrong = mistakes(kind, subject, body)
        if wrong or not first.startswith(SUBJECT):
            said = "; ".join(each for several in wrong.values() for each in several)
            raise ValueError(
                f"{path.parent.name}/{path.name}: {said or f'the first line must be “{SUBJECT}…”.'}"
            )
        yield Shipped(kind, letter, path.parent.name, subject, body)


def mistakes(kind: str, subject: str, body: str) -> dict[str, list[str]]:
    """What is wrong with a wording, by field, each with its line and placeholder; empty when it can be used."""
    found: dict[str, list[str]] = {"subject": [], "body": []}
    if not subject.strip():
        found["subject"].append("Write a subject.")
    found["subject"] += [
        f"{why}"
        for _, why in _unknown(Part(subject, 1, repeated=False), beside=("lines", "grounds", "clauses"))
    ]
    parts, crooked = _parts(body)
    found["body"] += crooked
    for part in parts:
        found["body"] += [f"Line {number}: {why}" for number, why in _unknown(part)]
    if not any(found.values()):
        found["body"] += _missing(kind, subject, parts)
    return {name: several for name, several in found.items() if several}


def fill_line(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, in one pass: what a value holds stays as it is."""

    def value(found: re.Match[str]) -> str:
        name = found["plain"] or found["braced"]
        return "$" if found["sign"] else values[name]

    return NAME.sub(value, text)


def fill(body: str, values: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> str:
    """The body with all its parts filled in; `lines` are the values of each line."""
    filled = [
        "\n\n".join(_repeated(part.text, line) for line in lines)
        if part.repeated
        else fill_line(part.text, values)
        for part in _parts(body)[0]
    ]
    return "\n".join(filled)


def _repeated(text: str, values: Mapping[str, str]) -> str:
    rows = []
    for row in text.split("\n"):
        names = _names(row)
        if not names or any(values[name] for name in names):
            rows.append(fill_line(row, values))
    return "\n".join(rows)


def _parts(body: str) -> tuple[list[Part], list[str]]:
    """The stretches of a body in their order, and what is wrong with their limits."""
    parts, crooked = [], []
    rows: list[str] = []
    first, opened = 1, 0
    for number, row in enumerate(body.split("\n"), start=1):
        mark = row.strip().lower()
        if mark not in {EACH, END}:
            rows.append(row)
            continue
        if (mark == EACH) == bool(opened):
            crooked.append(
                f"Line {number}: “{EACH}” stands in another one; end that first with “{END}”."
                if opened
                else f"Line {number}: “{END}” ends nothing; no “{EACH}” stands before it."
            )
        if rows:
            parts.append(Part("\n".join(rows), first, repeated=bool(opened)))
        rows, first, opened = [], number + 1, number if mark == EACH else 0
    if opened:
        crooked.append(f"Line {opened}: “{EACH}” has no end; write “{END}” on a line of its own.")
    if rows:
        parts.append(Part("\n".join(rows), first, repeated=bool(opened)))
    return parts, crooked


def _unknown(part: Part, beside: Sequence[str] = ()) -> Iterator[tuple[int, str]]:
    """Placeholders that nothing can fill in there, each with its line."""
    known = LINE_PLACEHOLDERS if part.repeated else PLACEHOLDERS
    where = f" between “{EACH}” and “{END}”" if part.repeated else ""
    for number, row in enumerate(part.text.split("\n"), start=part.first):
        for found in NAME.finditer(row):
            name = found["plain"] or found["braced"]
            if found["sign"]:
                continue
            if not name:
                yield number, "a “$” stands alone; write “$$” for the sign itself."
            elif name in beside:
                yield number, f"${name} does not fit into one line."
            elif name not in known:
                yield number, f"${name} is no placeholder{where}; there are: {', '.join(sorted(known))}."


def _missing(kind: str, subject: str, parts: Sequence[Part]) -> list[str]:
    used = _names(subject) | {name for part in parts if not part.repeated for name in _names(part.text)}
    repeated = [part for part in parts if part.repeated]
    found = [
        f"${name} is missing: {PLACEHOLDERS[name]}."
        for name in REQUIRED[kind]
        if name not in used and not (name == "lines" and repeated)
    ]
    if "lines" not in used:
        in_lines = {name for part in repeated for name in _names(part.text)}
        found += [
            f"${name} is missing between “{EACH}” and “{END}”: {LINE_PLACEHOLDERS[name]}."
            for name in IN_LINES[kind]
            if repeated and name not in in_lines
        ]
    return found


def _names(text: str) -> set[str]:
    return {name for found in NAME.finditer(text) if (name := found["plain"] or found["braced"])}
