"""What reports keep: the rows that figures are read from, and editions of figures."""

from reports.models.edition import RELEASED, Edition, EditionEvent, EditionStatus, FrozenFigures, Revision
from reports.models.facts import EpisodeFact, StaleItem, Word
from reports.models.job import UNFINISHED, Job, JobKind, JobStatus
from reports.models.public_copy import PublicCopy
from reports.models.schedule import FILTERS, Asked, Frequency, Rounding, Schedule, Threshold
from reports.models.series_break import SeriesBreak

__all__ = [
    "FILTERS",
    "RELEASED",
    "UNFINISHED",
    "Asked",
    "Edition",
    "EditionEvent",
    "EditionStatus",
    "EpisodeFact",
    "Frequency",
    "FrozenFigures",
    "Job",
    "JobKind",
    "JobStatus",
    "PublicCopy",
    "Revision",
    "Rounding",
    "Schedule",
    "SeriesBreak",
    "StaleItem",
    "Threshold",
    "Word",
]
