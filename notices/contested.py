"""Answers that our looks do not agree with: which they are, what shows it, and what has been written about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Prefetch, prefetch_related_objects

from accounts.models import User
from casework import disputes
from casework.models import CaptureKind, Check, Evidence, Item, Verdict
from notices.kinds import DISPUTES, REMOVALS, NoticeKind
from notices.models import Answer, Dispute, Line, Notice, NoticeStatus
from notices.models.dispute import DisputeQuerySet

KIND = {"says_removed": NoticeKind.DISPUTE, "says_kept": NoticeKind.ENQUIRY}
SETTLED = "the platform's answer and what we see do not disagree now."
CHANGED = "we saw the offending part gone; there is nothing to dispute."
ELSEWHERE = "no notice that we sent was answered so; look at its answers."
# What a page reads with the lines of a dispute.
OF_DISPUTE = ("dispute__answer__line__notice", "dispute__look", "dispute__exhibit")
SHOWN = (CaptureKind.SCREENSHOT, CaptureKind.WARC)  # what a capture's SHA-256 is told of, the first there is


@dataclass
class Contested:
    """One item; `kind` is that of the letter about it, "" where answer and look agree."""

    item: Item
    kind: str
    answer: Answer | None = None  # the last to a notice of ours, as its item carries it
    look: Check | None = None  # the last that told whether it is there
    letters: list[Notice] = field(default_factory=list)  # that dispute this answer, the newest first

    @property
    def problem(self) -> str:
        """Why no letter can be written about it, as a sentence without its beginning; "" if one can."""
        if not self.kind or self.look is None:
            return SETTLED
        if self.look.verdict == Verdict.CHANGED:
            return CHANGED
        if self.answer is None:
            return ELSEWHERE
        return f"{self.letters[0]} disputes this answer already." if self.letters else ""

    @property
    def capture(self) -> Evidence | None:
        """What was kept of the look: a picture, else what went over the wire."""
        if self.look is None:
            return None
        kept = {each.kind: each.exhibit for each in self.look.captures.all()}
        return next((kept[kind] for kind in SHOWN if kind in kept), self.look.exhibit)


def read(items: Iterable[Item], *, but: Notice | None = None) -> list[Contested]:
    """Each item with what is said and seen of it, in four queries; letters other than `but`."""
    chosen = list(items)
    prefetch_related_objects(chosen, disputes.last_looks(), "last_looks__captures__exhibit")
    answers = _answers([item.pk for item in chosen])
    letters = _letters(answers.values(), but)
    found = []
    for item in chosen:
        answer = answers.get(item.pk)
        look = next(iter(item.last_looks), None)  # type: ignore[attr-defined]
        kind = KIND.get(disputes.side(item), "")
        found.append(Contested(item, kind, answer, look, letters.get(answer.pk, []) if answer else []))
    return found


def obstacles(items: Iterable[Item], kind: str, notice: Notice | None) -> dict[str, str]:
    """Why items may not stand in a letter of this kind: item reference to a sentence."""
    found = read(items, but=notice)
    return {
        each.item.reference: each.problem or SETTLED for each in found if each.problem or each.kind != kind
    }


def restate(notice: Notice) -> None:
    """Bring what the lines of a dispute rest on up to the moment of freezing; a capture is told as it was chosen."""
    if not notice.disputes:
        return
    lines = {line.item_id: line for line in notice.lines.select_related("item", "dispute")}
    for each in read([line.item for line in lines.values()], but=notice):
        dispute = lines[each.item.pk].dispute
        if (
            each.answer
            and each.look
            and (dispute.answer_id, dispute.look_id) != (each.answer.pk, each.look.pk)
        ):
            dispute.answer, dispute.look = each.answer, each.look
            dispute.exhibit = each.capture if dispute.exhibit_id else None
            dispute.save(update_fields=["answer", "look", "exhibit"])


def told(notice: Notice, lines: Sequence[Line]) -> dict[int, Dispute]:
    """What the lines of a letter rest on, by item; of one that is only tried, what they would."""
    if notice.kind not in DISPUTES:
        return {}
    if notice.pk:
        rows = Dispute.objects.filter(line__notice=notice).select_related(
            "line", "look", "exhibit", "answer__line__notice"
        )
        return {each.line.item_id: each for each in rows}
    found = read([line.item for line in lines])
    return {
        each.item.pk: Dispute(answer=each.answer, look=each.look)
        for each in found
        if each.answer and each.look
    }


def mark(lines: Iterable[Line], user: User) -> list[Line]:
    """The same lines, each with `disputed`: what disputes its last answer, as far as this person may see, or None."""
    marked = list(lines)
    found = {
        each.answer.line_id: each
        for each in _standing(user).filter(answer__line__in=[line.pk for line in marked])
    }
    for line in marked:
        line.disputed = found.get(line.pk)  # type: ignore[attr-defined]
    return marked


def standing_of(answers: str, user: User) -> Prefetch:
    """Into `standing` of each answer of that look-up: what disputes it, as far as this person may see."""
    return Prefetch(f"{answers}__disputed_by", _standing(user), to_attr="standing")


def _standing(user: User) -> DisputeQuerySet:
    seen = Dispute.objects.visible_to(user).standing()
    return seen.select_related("line__notice", "look", "exhibit", "answer").order_by("pk")


def _answers(items: Sequence[int]) -> dict[int, Answer]:
    """The answer that each item carries, where it was given to a notice of ours."""
    given = Answer.objects.filter(
        line__item__in=items,
        at=F("line__item__claim_at"),
        line__answered_at=F("at"),
        answer=F("line__item__claim"),
        line__notice__kind__in=REMOVALS,
        line__notice__import_reference="",
    )
    rows = given.exclude(line__notice__status=NoticeStatus.WITHDRAWN).select_related("line__notice__channel")
    return {
        each.line.item_id: each for each in rows.order_by("line__item_id", "-pk").distinct("line__item_id")
    }


def _letters(answers: Iterable[Answer], but: Notice | None) -> dict[int, list[Notice]]:
    rows = Dispute.objects.kept().filter(answer__in=list(answers))
    if but is not None:
        rows = rows.exclude(line__notice=but)
    found: dict[int, list[Notice]] = {}
    for each in rows.select_related("line__notice").order_by("-pk"):
        found.setdefault(each.answer_id, []).append(each.line.notice)
    return found
