"""Reports that take long, as files: written by a job, kept for a week."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from notices.typesetting import PrintingNotPossible, Variant
from platforms.models import Platform
from reports import job_files, jobs
from reports.choices import Choice, page
from reports.facts import Scope
from reports.figure_files import of_edition, of_scope
from reports.models import Edition, Job, JobKind, JobStatus
from reports.printing import MOST_SECONDS, print_report
from reports.row_files import asked, scope_of

MANY_ROWS = 50_000  # from which on counting the figures takes long
MANY_GROUPS = 100  # from which on setting the pages does
COUNTING, SETTING = "Counting the figures", "Setting the pages"


def is_long(subject: Scope | Edition) -> bool:
    """Whether its report is better written by a job; an edition's figures are frozen."""
    if isinstance(subject, Scope):
        return page(subject, Choice(), offset=0, limit=1)[1] > MANY_ROWS
    assert subject.figures is not None
    return len(subject.figures["groups"]) > MANY_GROUPS


def begin(subject: Scope | Edition, variant: Variant, *, by: User, at: datetime | None = None) -> Job:
    """The job that writes the report of a scope, or of an edition whose figures are frozen."""
    require(by, Permission.EXPORT_FIGURES)
    edition = subject if isinstance(subject, Edition) else None
    question = {"variant": variant.value, **(asked(subject) if isinstance(subject, Scope) else {})}
    return jobs.begin(JobKind.REPORT, edition=edition, question=question, by=by, at=at or timezone.now())


def write(job: Job) -> None:
    """Write the file; raises `jobs.Stopped` when cancelled, even while the pages are set."""
    names = dict(Platform.objects.values_list("slug", "name"))
    jobs.tell(job, stage=COUNTING)
    report = of_edition(job.edition, names) if job.edition else of_scope(scope_of(job), names)
    rows = report.document["rows"]
    jobs.tell(job, stage=SETTING, rows=rows)
    try:
        content = print_report(
            report,
            Variant(job.question["variant"]),
            seconds=MOST_SECONDS,
            meanwhile=lambda: jobs.tell(job, stage=SETTING),
        )
    except PrintingNotPossible as problem:
        jobs.end(job, JobStatus.FAILED, problem=str(problem))
        return
    sha256 = job_files.put(job, [content])
    jobs.tell(job, rows_done=rows)
    jobs.end(job, JobStatus.DONE, sha256=sha256)
