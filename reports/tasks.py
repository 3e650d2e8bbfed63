"""What the clock asks of the figures."""

from celery import shared_task
from django.utils import timezone

from reports import job_files, jobs, projection, schedules, work
from reports.models import Job


@shared_task(name="reports.tasks.refresh_projection")
def refresh_projection() -> int:
    """Make the facts of items that changed again; returns how many items."""
    return projection.refresh()


@shared_task(name="reports.tasks.run_job")
def run_job(pk: int) -> None:
    work.run(pk)


@shared_task(name="reports.tasks.resume_jobs")
def resume_jobs() -> int:
    """Take up jobs that nobody has begun, or whose worker died; returns how many."""
    due = Job.objects.unfinished().filter(created_at__lte=timezone.now() - jobs.PATIENCE)
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        work.run(pk)
    return len(keys)


@shared_task(name="reports.tasks.prepare_editions")
def prepare_editions() -> int:
    """Prepare the scheduled editions whose time has come, and let old files go; returns how many editions."""
    job_files.forget()
    return schedules.prepare_due()
