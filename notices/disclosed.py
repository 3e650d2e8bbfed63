"""All that a platform is told about a notice: letters, lists, tables and messages take their values from here alone.

What is not copied here cannot leave: notes, sources, titles of posts, cases, holds, evidence, looks, events, and what
other platforms have said. A record that is bare (a withdrawal, a request to preserve, a dispute) tells no reasons
either. Only a dispute tells of a look, and what comes back, that it was seen again.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from casework.models import Assessment, Item
from notices import chaser_text, clocks, contested
from notices.models import DISPUTES, REMOVALS, UNSENT, Dispute, Line, Notice, NoticeKind
from notices.wording import phrases
from platforms.models import Severity

KEPT = "\n\t\u200c\u200d"  # Persian, Kurdish and many Indian scripts are misspelt without the joiners
BARE = (NoticeKind.WITHDRAWAL, NoticeKind.PRESERVATION, *DISPUTES)


@dataclass(frozen=True)
class DisclosedGround:
    """A legal ground; name and summary are in the letter's language where it has words for them."""

    code: str
    name: str
    summary: str


@dataclass(frozen=True)
class DisclosedClause:
    """A clause of the platform's own rules, and where it publishes it."""

    code: str
    title: str
    url: str
    language: str

    def __str__(self) -> str:
        return f"{self.title} [{self.code}]"


@dataclass(frozen=True)
class DisclosedDispute:
    """Which answer we dispute: its notice, the line in that, when that left; and our look. Times are aware."""

    notice: str
    line: int
    sent_at: datetime | None
    answer: str
    refusal_code: str
    answered_at: datetime
    verdict: str
    seen_at: datetime
    vantage: str  # ISO 3166
    sha256: str  # of the capture, "" where it is not told


@dataclass(frozen=True)
class DisclosedReturn:
    """Of an item that was gone and is back: the last notice that asked for its removal, and when it was seen again."""

    notice: str
    sent_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class DisclosedLine:
    """One item; `was` is the address that an earlier notice gave, where it was another. Texts are plain."""

    position: int
    reference: str
    address: str
    was: str
    kind: str
    identifier: str
    owner: str
    threat_to_life: bool
    ground: DisclosedGround | None
    clause: DisclosedClause | None
    severity: str
    reasons: str
    dispute: DisclosedDispute | None
    back: DisclosedReturn | None


@dataclass(frozen=True)
class Disclosed:
    """One notice. `told_before` says when the answer to the notice it follows was due, and
    when reminders left; `answer_amount` of `answer_unit` is what the platform has promised, None without a promise."""

    reference: str
    kind: str
    platform: str
    platform_name: str
    language: str
    severity: str
    threat_to_life: bool
    organisation: str
    sender_name: str
    sender_email: str
    good_faith: bool
    explanation: str
    marking: str
    handling: str
    follows: str
    follows_sent_at: datetime | None
    told_before: str
    answer_amount: int | None
    answer_unit: str
    lines: tuple[DisclosedLine, ...]


class _Beside(NamedTuple):
    """What else is told of lines, by item: earlier addresses, disputes, what has come back."""

    addresses: dict[int, str]
    disputes: dict[int, Dispute]
    returns: dict[int, DisclosedReturn]


def disclose(notice: Notice, lines: Sequence[Line] | None = None) -> Disclosed:
    """What the platform may read of a notice, in a fixed number of queries whatever the number of its lines.

    `lines` stand for those that are stored, where a letter is only tried on items.
    """
    shown = lines_of(notice) if lines is None else lines
    before = notice.follows
    now = highest_severity(line.item.severity for line in shown)
    severity = notice.severity if notice.body_sha256 else now
    promise = clocks.promise_for(notice, severity) if notice.asks_removal else None
    beside = _Beside(_earlier(notice), contested.told(notice, shown), _returned(notice, shown))
    return Disclosed(
        reference=notice.reference,
        kind=notice.kind,
        platform=notice.platform.slug,
        platform_name=notice.platform.name,
        language=notice.language,
        severity="" if notice.kind in BARE else severity,
        threat_to_life=notice.threat_to_life and notice.asks_removal,
        organisation=one_line(notice.sender_organisation),
        sender_name=one_line(notice.sender_name),
        sender_email=one_line(notice.sender_email),
        good_faith=notice.good_faith,
        explanation=plain(notice.explanation).strip(),
        marking=one_line(notice.marking),
        handling=one_line(notice.handling),
        follows=before.reference if before else "",
        follows_sent_at=before.sent_at if before else None,
        told_before=_told_before(notice),
        answer_amount=promise.amount if promise else None,
        answer_unit=promise.unit if promise else "",
        lines=tuple(_line(line, notice, beside) for line in shown),
    )


def lines_of(notice: Notice) -> list[Line]:
    """The lines with what a letter says about them, in four queries whatever their number."""
    return list(
        notice.lines.select_related("item__platform").prefetch_related(
            "item__assessments__ground", "item__assessments__policy_clause"
        )
    )


def current_assessment(item: Item) -> Assessment | None:
    """The latest assessment; reads what was prefetched."""
    return max(item.assessments.all(), key=lambda each: (each.assessed_at, each.pk), default=None)


def highest_severity(severities: Iterable[str]) -> str:
    """The gravest of these, or "" if there is none."""
    known = set(severities)
    return next((value for value in reversed(Severity.values) if value in known), "")


def plain(text: str) -> str:
    """Without control characters, and without the invisible ones that hide or turn text around."""
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )


def one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _told_before(notice: Notice) -> str:
    before = notice.follows
    if before is None or before.pk is None or not notice.asks_removal:
        return ""
    return chaser_text.told_before(before, notice.language)


def _earlier(notice: Notice) -> dict[int, str]:
    """The addresses that the notice before gave, by item."""
    if notice.kind != NoticeKind.CORRECTION or notice.follows is None or notice.follows.pk is None:
        return {}
    return dict(notice.follows.lines.values_list("item_id", "address"))


def _returned(notice: Notice, lines: Sequence[Line]) -> dict[int, DisclosedReturn]:
    """What a fresh notice takes up that was asked for before, was gone, and has come back; by item."""
    back = {line.item_id: line.item.reappeared_at for line in lines if line.item.reappeared_at}
    if notice.kind != NoticeKind.NOTICE or not back:
        return {}
    before = Line.objects.filter(item__in=back, notice__kind__in=REMOVALS, notice__import_reference="")
    before = before.filter(notice__sent_at__lt=F("item__reappeared_at")).exclude(notice__status__in=UNSENT)
    if notice.pk:
        before = before.exclude(notice=notice)
    rows = before.order_by("item_id", "-notice__sent_at").distinct("item_id").select_related("notice")
    return {
        line.item_id: DisclosedReturn(line.notice.reference, sent_at, back[line.item_id])
        for line in rows
        if (sent_at := line.notice.sent_at)
    }


def _dispute(dispute: Dispute | None) -> DisclosedDispute | None:
    if dispute is None:
        return None
    answer, look, asked = dispute.answer, dispute.look, dispute.answer.line.notice
    return DisclosedDispute(
        notice=asked.reference,
        line=answer.line.position,
        sent_at=asked.sent_at,
        answer=answer.answer,
        refusal_code=answer.refusal_code,
        answered_at=answer.at,
        verdict=look.verdict,
        seen_at=look.at,
        vantage=look.vantage,
        sha256=dispute.exhibit.sha256 if dispute.exhibit else "",
    )


def _line(line: Line, notice: Notice, beside: _Beside) -> DisclosedLine:
    item = line.item
    assessment = None if notice.kind in BARE else current_assessment(item)
    was = beside.addresses.get(item.pk, line.address)
    return DisclosedLine(
        position=line.position,
        reference=item.reference,
        address=line.address,
        was="" if was == line.address else was,
        kind=item.kind,
        identifier=one_line(item.identifier),
        owner=one_line(item.owner),
        threat_to_life=item.threat_to_life and notice.asks_removal,
        ground=_ground(assessment, notice.language) if assessment else None,
        clause=_clause(assessment),
        severity=assessment.severity if assessment else "",
        reasons=plain(assessment.rationale) if assessment else "",
        dispute=_dispute(beside.disputes.get(item.pk)),
        back=beside.returns.get(item.pk),
    )


def _ground(assessment: Assessment, language: str) -> DisclosedGround:
    """A language may have its own wording for a ground."""
    ground = assessment.ground
    own = phrases(language).get("ground", {}).get(ground.slug, {})
    return DisclosedGround(ground.slug, own.get("name", ground.name), own.get("summary", ground.summary))


def _clause(assessment: Assessment | None) -> DisclosedClause | None:
    clause = assessment.policy_clause if assessment else None
    return DisclosedClause(clause.code, clause.title, clause.url, clause.language) if clause else None
