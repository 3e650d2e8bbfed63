from notices.models.answer import (
    UNDECIDED,
    UNDECIDED_REFUSALS,
    Acknowledgement,
    Answer,
    AnswerSource,
    RefusalCode,
)
from notices.models.delivery import (
    CONVERSATIONS,
    Attempt,
    AttemptOutcome,
    DeliveryKind,
    DeliveryRecord,
    Dispatch,
    DispatchState,
)
from notices.models.notice import (
    AWAITING_ANSWER,
    FINISHED,
    UNSENT,
    Line,
    Notice,
    NoticeKind,
    NoticeStatus,
)

__all__ = [
    "AWAITING_ANSWER",
    "CONVERSATIONS",
    "FINISHED",
    "UNDECIDED",
    "UNDECIDED_REFUSALS",
    "UNSENT",
    "Acknowledgement",
    "Answer",
    "AnswerSource",
    "Attempt",
    "AttemptOutcome",
    "DeliveryKind",
    "DeliveryRecord",
    "Dispatch",
    "DispatchState",
    "Line",
    "Notice",
    "NoticeKind",
    "NoticeStatus",
    "RefusalCode",
]
