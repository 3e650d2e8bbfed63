"""A worker at a job: alone at it, from its beginning, to its end or the first thing that goes wrong."""

import logging

from casework.alone import alone
from reports import editions, jobs, report_files, row_files
from reports.models import Job, JobKind, JobStatus

WRONG = "Something went wrong while this was computed; the log says what. Try again."

logger = logging.getLogger(__name__)


def run(pk: int) -> Job:
    """Do what the job asks, unless another worker is at it or it is over; returns it as it stands then.

    Killed at any point, it is begun anew by the clock, and gives the same result.
    """
    with alone(jobs.LOCK, pk) as mine:
        if mine and (job := jobs.take_up(pk)):
            try:
                _do(job)
            except jobs.Stopped:
                logger.info("Job %s was stopped.", pk)
            except Exception:
                logger.exception("Job %s failed.", pk)
                jobs.end(job, JobStatus.FAILED, problem=WRONG)
    return Job.objects.get(pk=pk)


def _do(job: Job) -> None:
    if job.kind == JobKind.EDITION:
        assert job.edition is not None
        editions.compute(job.edition, job)
    elif job.kind == JobKind.REPORT:
        report_files.write(job)
    else:
        row_files.write(job)
