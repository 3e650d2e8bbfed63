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
from notices.typesetting import Variant
from reports import events, job_files, jobs, row_files
from reports.filters import JobFilter
from reports.models import Job, JobKind
from reports.views.editions import visible_edition
from reports.views.printing import ENDINGS
from reports.views.shown import places

MEDIA = {".csv": "text/csv; charset=utf-8", ".pdf": "application/pdf"}


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
    if job.kind in job_files.ENDINGS:
        context["kept"] = job_files.path(job).exists()
    if job.kind == JobKind.EPISODES:
        context |= row_files.details(job)
    elif job.kind == JobKind.REPORT and not job.edition:
        context["scope"] = row_files.scope_of(job)
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
    """The file of a finished job, while it is kept; who opens an edition's before its release is noted."""
    job = _visible(request, pk)
    path = job_files.path(job) if job.kind in job_files.ENDINGS else None
    if not job.sha256 or not path or not path.exists():
        raise Http404("The file is not there, or is no longer kept.")
    if job.edition:
        events.note_opening(visible_edition(request, job.edition.reference), by=person(request))
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=_name(job), content_type=MEDIA[path.suffix]
    )


def _name(job: Job) -> str:
    about = str(job.edition) if job.edition else f"{job.question['from']}-to-{job.question['to']}"
    if job.kind == JobKind.EPISODES:
        return f"episodes-{about}.csv"
    start = "" if job.edition else "takedown-rate-"
    return f"{start}{about}{ENDINGS[Variant(job.question['variant'])]}.pdf"
