from notices.kinds import DISPUTES, GENERAL, REMOVALS, TELLING, NoticeKind
from notices.models.answer import (
    UNDECIDED,
    UNDECIDED_REFUSALS,
    Acknowledgement,
    Answer,
    AnswerSource,
    RefusalCode,
)
from notices.models.chase import AutomaticSteps, Chase
from notices.models.contact import ChangeState, ContactChange
from notices.models.delivery import (
    CONVERSATIONS,
    Attempt,
    AttemptOutcome,
    DeliveryKind,
    DeliveryRecord,
    Dispatch,
    DispatchState,
)
from notices.models.dispute import Dispute
from notices.models.hook import AnswerHook, HookMessage, HookReading
from notices.models.inbox import Inbox
from notices.models.incoming import (
    Door,
    IncomingMail,
    MailKind,
    MailReading,
    MatchedBy,
    SettledAs,
)
from notices.models.letter import LetterVersion
from notices.models.link import LONGEST_ADDRESSEE, AnswerLink, LinkOpening
from notices.models.notice import (
    AWAITING_ANSWER,
    FINISHED,
    UNSENT,
    ClockState,
    Line,
    Notice,
    NoticeStatus,
)

__all__ = [
    "AWAITING_ANSWER",
    "CONVERSATIONS",
    "DISPUTES",
    "FINISHED",
    "GENERAL",
    "LONGEST_ADDRESSEE",
    "REMOVALS",
    "TELLING",
    "UNDECIDED",
    "UNDECIDED_REFUSALS",
    "UNSENT",
    "Acknowledgement",
    "Answer",
    "AnswerHook",
    "AnswerLink",
    "AnswerSource",
    "Attempt",
    "AttemptOutcome",
    "AutomaticSteps",
    "ChangeState",
    "Chase",
    "ClockState",
    "ContactChange",
    "DeliveryKind",
    "DeliveryRecord",
    "Dispatch",
    "DispatchState",
    "Dispute",
    "Door",
    "HookMessage",
    "HookReading",
    "Inbox",
    "IncomingMail",
    "LetterVersion",
    "Line",
    "LinkOpening",
    "MailKind",
    "MailReading",
    "MatchedBy",
    "Notice",
    "NoticeKind",
    "NoticeStatus",
    "RefusalCode",
    "SettledAs",
]
