"""What the clock asks of the figures."""

from celery import shared_task

from reports import projection


@shared_task(name="reports.tasks.refresh_projection")
def refresh_projection() -> int:
    """Make the facts of items that changed again; returns how many items."""
    return projection.refresh()
