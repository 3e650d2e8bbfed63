"""What a person can do with a notice now, as links: read from the same table as the rule."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from casework.models import T0Basis
from casework.views.lifecycles import Button, in_order
from notices.escalation import obstacle
from notices.lifecycle import LIFECYCLE, TALKING
from notices.models import AWAITING_ANSWER, Notice, NoticeStatus
from notices.side_letters import cannot_correct, cannot_withdraw_by_letter
from notices.telling import UNREADY

ANSWERABLE = frozenset(
    {*AWAITING_ANSWER, NoticeStatus.CLARIFICATION, NoticeStatus.NO_RESPONSE, NoticeStatus.ANSWERED}
)
ON_ITS_OWN = {
    "acknowledge": "notice_acknowledge",
    "bounce": "notice_bounce",
}  # verbs with a form of their own
LEADING = frozenset({"submit", "approve", "queue", "reply"})
GRAVE = frozenset({"withdraw", "discard"})


def buttons(notice: Notice, user: User) -> list[Button]:
    """Label, address and kind of each; what leads the work on comes first."""
    return in_order(
        LIFECYCLE.available(notice, user),
        _steps(notice, user),
        address=lambda verb: _address(notice, verb),
        leading=LEADING,
        grave=GRAVE,
    )


def takes_answers(notice: Notice) -> bool:
    """Of a dispute what is answered lands on the notices that were answered before."""
    return notice.status in ANSWERABLE and (notice.disputes or not notice.asks_nothing)


def can_be_received(notice: Notice) -> bool:
    """It has left, and when it arrived is not known yet."""
    return notice.status in TALKING and notice.t0_basis == T0Basis.SENT


def _address(notice: Notice, verb: str) -> str:
    if verb in ON_ITS_OWN:
        return reverse(f"notices:{ON_ITS_OWN[verb]}", args=[notice.reference])
    return reverse("notices:notice_verb", args=[notice.reference, verb])


def _answering(notice: Notice, user: User) -> list[Button]:
    """What the platform would do, or one of us on its behalf."""
    if not takes_answers(notice):
        return []
    theirs = user.can(Permission.ANSWER_NOTICE)
    if not theirs and not user.can(Permission.ANSWER_ON_BEHALF):
        return []

    def step(label: str, name: str, kind: str = "secondary") -> Button:
        return label, reverse(f"notices:{name}", args=[notice.reference]), kind

    first = step("Answer", "notice_answer", "") if theirs else step("Enter an answer", "notice_answer")
    steps = [first, step("Answer by spreadsheet", "answer_file"), step("Object", "notice_object")]
    return steps if theirs else [*steps, step("Links to answer", "notice_links")]


def _steps(notice: Notice, user: User) -> list[Button]:
    steps = _answering(notice, user)
    if can_be_received(notice) and user.can(Permission.SEND_NOTICE):
        steps.append(
            ("Record the receipt", reverse("notices:notice_received", args=[notice.reference]), "secondary")
        )
    if user.can(Permission.DRAFT_NOTICE) and notice.sent_at and not obstacle(notice, timezone.now()):
        steps.append(("Escalate", reverse("notices:notice_escalate", args=[notice.reference]), "secondary"))
    if user.can(Permission.DRAFT_NOTICE):
        steps += _letters(notice)
    if notice.status not in UNREADY and user.can(Permission.SEND_NOTICE):
        steps.append(
            ("Note a call or meeting", reverse("notices:notice_told", args=[notice.reference]), "secondary")
        )
    if notice.status == NoticeStatus.DRAFT and user.can(Permission.DRAFT_NOTICE):
        steps.append(
            ("Sender and lines", reverse("notices:notice_edit", args=[notice.reference]), "secondary")
        )
    return steps


def _letters(notice: Notice) -> list[Button]:
    """The further letters that can be drafted about it."""
    found: list[Button] = []
    if not cannot_withdraw_by_letter(notice):
        address = reverse("notices:notice_withdrawal", args=[notice.reference])
        found.append(("Tell the platform of the withdrawal", address, ""))
    if not cannot_correct(notice):
        found.append(("Correct it", reverse("notices:notice_correct", args=[notice.reference]), "secondary"))
    return found
