"""The pages of long work: all of it, one piece with its progress, its file."""

from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from reports import jobs, row_files
from reports.filters import JobFilter
from reports.models import Job, JobKind
from reports.views.shown import places


@allow(Permission.EXPORT_FIGURES)
class JobList(Listing):
    model = Job
    related = ("edition", "created_by")
    filterset_class = JobFilter
    template_name = "reports/job_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(places=places(self.request), **more)


def _visible(request: HttpRequest, pk: int) -> Job:
    rows = Job.objects.visible_to(person(request)).select_related("edition", "created_by")
    return cast(Job, get_object_or_404(rows, pk=pk))


@allow(Permission.EXPORT_FIGURES)
@require_safe
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = _visible(request, pk)
    context: dict[str, Any] = {
        "job": job,
        "refresh_seconds": 2 if job.is_running else None,
        "may_cancel": job.is_running and jobs.may_cancel(job, person(request)),
        "crumbs": [("Exports and jobs", reverse("reports:job_list"))],
    }
    if job.kind == JobKind.EPISODES:
        context |= {**row_files.details(job), "kept": row_files.path(job).exists()}
    return render(request, "reports/job_detail.html", context)


@allow(Permission.EXPORT_FIGURES)
@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.cancel(_visible(request, pk), by=person(request))
    messages.success(request, "The job stops. Nothing of it is kept.")
    return redirect("reports:job_detail", pk=pk)


@allow(Permission.EXPORT_FIGURES)
@require_safe
def job_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a finished job, while it is kept."""
    job = _visible(request, pk)
    path = row_files.path(job)
    if not job.sha256 or not path.exists():
        raise Http404("The file is not there, or is no longer kept.")
    span = f"{job.question['from']}-to-{job.question['to']}"
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"episodes-{span}.csv",
        content_type="text/csv; charset=utf-8",
    )
