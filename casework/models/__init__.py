from casework.models.alias import Alias, AliasWithdrawal
from casework.models.assessment import Assessment, Ground, ProtectedSpeech
from casework.models.capture import Capture, CaptureKind, Timestamp
from casework.models.case import Case, CaseStatus, Casework
from casework.models.check import (
    GONE,
    OBSERVATIONS,
    SEEN_LIVE,
    Cause,
    Check,
    Confidence,
    Method,
    Verdict,
)
from casework.models.checking import Checker, CheckJob, JobReason, JobState, Visit, VisitDecision
from casework.models.counter import Counter
from casework.models.description import Description
from casework.models.episode import Copy, Episode, SetAside, SetAsideKind, T0Basis
from casework.models.event import Event
from casework.models.evidence import Evidence, EvidenceKind
from casework.models.hold import Hold
from casework.models.item import (
    Category,
    Claim,
    ClosedAs,
    Item,
    ItemQuerySet,
    ItemStatus,
    Kind,
    NotActionable,
    Presence,
)
from casework.models.item_import import ImportPart, ImportStatus, ItemImport
from casework.models.network import Account, Mention, NetworkSweep, Place, Selector, SelectorKind
from casework.models.rereading import Effect, ReadingStatus, Rereading
from casework.models.seal import Seal

__all__ = [
    "GONE",
    "OBSERVATIONS",
    "SEEN_LIVE",
    "Account",
    "Alias",
    "AliasWithdrawal",
    "Assessment",
    "Capture",
    "CaptureKind",
    "Case",
    "CaseStatus",
    "Casework",
    "Category",
    "Cause",
    "Check",
    "CheckJob",
    "Checker",
    "Claim",
    "ClosedAs",
    "Confidence",
    "Copy",
    "Counter",
    "Description",
    "Effect",
    "Episode",
    "Event",
    "Evidence",
    "EvidenceKind",
    "Ground",
    "Hold",
    "ImportPart",
    "ImportStatus",
    "Item",
    "ItemImport",
    "ItemQuerySet",
    "ItemStatus",
    "JobReason",
    "JobState",
    "Kind",
    "Mention",
    "Method",
    "NetworkSweep",
    "NotActionable",
    "Place",
    "Presence",
    "ProtectedSpeech",
    "ReadingStatus",
    "Rereading",
    "Seal",
    "Selector",
    "SelectorKind",
    "SetAside",
    "SetAsideKind",
    "T0Basis",
    "Timestamp",
    "Verdict",
    "Visit",
    "VisitDecision",
]
