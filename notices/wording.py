"""The words of a letter: one folder per language with letters and phrases; plain substitution, nothing runs.

A letter is `templates/notices/letters/<language>/<letter>.txt`: the first line is the subject, after an empty
line follows the body. It may name the placeholders of `PLACEHOLDERS` and no other.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Any

from django.conf import settings

FOLDER = settings.BASE_DIR / "templates" / "notices" / "letters"
PHRASES = "phrases.toml"
SUBJECT = "Subject: "
PLACEHOLDERS = frozenset(
    {
        "reference", "date", "platform", "organisation", "sender_name", "sender_email", "count", "urgency",
        "severity", "grounds", "clauses", "lines", "answer_by", "good_faith",
    }
)  # fmt: skip


class UnknownPlaceholder(ValueError):
    """A letter names something that no notice can fill in."""


class NoSuchLetter(LookupError):
    """There is no letter of this name in this language."""


@dataclass(frozen=True)
class LetterTemplate:
    subject: Template
    body: Template


@cache
def phrases(language: str) -> dict[str, Any]:
    """The fixed phrases of a language, as in its `phrases.toml`."""
    return tomllib.loads((FOLDER / language / PHRASES).read_text(encoding="utf-8"))


@cache
def letter_template(language: str, letter: str) -> LetterTemplate:
    """One letter, checked. Raises `NoSuchLetter`, `UnknownPlaceholder`."""
    if letter not in letters(language):
        raise NoSuchLetter(
            f"There is no letter “{letter}” in “{language}”; there are: {', '.join(letters(language))}."
        )
    return parse(
        (FOLDER / language / f"{letter}.txt").read_text(encoding="utf-8"), name=f"{language}/{letter}.txt"
    )


@cache
def letters(language: str) -> tuple[str, ...]:
    """The names of the letters that exist in a language."""
    return tuple(sorted(path.stem for path in (FOLDER / language).glob("*.txt")))


def parse(text: str, *, name: str) -> LetterTemplate:
    """Split subject from body and refuse what cannot be filled in; `name` is for the message."""
    first, _, body = text.partition("\n")
    if not first.startswith(SUBJECT) or not body.strip():
        raise ValueError(f"{name}: the first line must be “{SUBJECT}…”, and a body must follow.")
    subject = Template(first.removeprefix(SUBJECT).strip())
    written = Template(body.strip() + "\n")
    for template in (subject, written):
        if not template.is_valid():
            raise UnknownPlaceholder(f"{name}: a “$” stands alone; write “$$” for the sign itself.")
        if unknown := sorted(set(template.get_identifiers()) - PLACEHOLDERS):
            raise UnknownPlaceholder(
                f"{name}: unknown placeholder {', '.join(f'${each}' for each in unknown)}; "
                f"known are: {', '.join(sorted(PLACEHOLDERS))}."
            )
    return LetterTemplate(subject, written)
