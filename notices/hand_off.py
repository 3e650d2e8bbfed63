"""What a person types into a platform's own form: the notice piece by piece, in the order in which the form asks."""

from dataclasses import dataclass

from notices.disclosed import Disclosed, DisclosedLine, disclose
from notices.models import Notice
from notices.wording import phrases
from platforms.models import Channel, FormPart

WIDTH, TALLEST = 36, 8  # characters in a row of a box, and rows


@dataclass(frozen=True)
class Piece:
    """One field of the form: what it asks for, and what goes in, to be copied as it stands."""

    id: str
    label: str
    text: str

    @property
    def rows(self) -> int:
        """How tall its box is: enough to see what it is, and a letter does not push the rest away."""
        return min(max(self.text.count("\n") + 1, 1 + len(self.text) // WIDTH), TALLEST)


@dataclass(frozen=True)
class Section:
    title: str
    pieces: tuple[Piece, ...]


def sections(notice: Notice, channel: Channel) -> list[Section]:
    """The fields for the notice as a whole and, where the form takes them one by one, for each line."""
    told = disclose(notice)
    whole = _whole(notice, told)
    made = [Piece(part, FormPart(part).label, whole[part]) for part in channel.form_parts if part in whole]
    found = [Section("The notice", tuple(piece for piece in made if piece.text))]
    if FormPart.LINES in channel.form_parts:
        found += [Section(f"Line {line.position}", _pieces(line)) for line in told.lines]
    return found


def _whole(notice: Notice, told: Disclosed) -> dict[str, str]:
    return {
        FormPart.ADDRESSES: "\n".join(line.address for line in told.lines),
        FormPart.SUBJECT: notice.subject,
        FormPart.LETTER: notice.body,
        FormPart.ORGANISATION: told.organisation,
        FormPart.NAME: told.sender_name,
        FormPart.EMAIL: told.sender_email,
        FormPart.REFERENCE: told.reference,
        FormPart.GOOD_FAITH: phrases(told.language)["good_faith"] if told.good_faith else "",
    }


def _pieces(line: DisclosedLine) -> tuple[Piece, ...]:
    rows = [
        ("Address", line.address),
        ("Account", line.owner),
        ("Law", line.ground.name if line.ground else ""),
        ("Their own rule", line.clause.title if line.clause else ""),
        ("Where they publish it", line.clause.url if line.clause else ""),
        ("Reasons", line.reasons),
    ]
    return tuple(
        Piece(f"line-{line.position}-{number}", label, text)
        for number, (label, text) in enumerate(rows)
        if text
    )
