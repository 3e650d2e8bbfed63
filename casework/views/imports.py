from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import imports, store
from casework.error_file import error_lines
from casework.forms import ImportForm
from casework.models import ItemImport
from casework.models.item_import import ImportStatus
from casework.views.edges import CasePage, case_url

UNFINISHED = frozenset({ImportStatus.QUEUED, ImportStatus.RUNNING})
SHOWN = 200


@allow(Permission.IDENTIFY_ITEM)
class ImportStart(CasePage):
    form_class = ImportForm
    title = "Import a file"
    button = "Read the file"
    done = "The file is being read."

    def act(self, form: Any) -> None:
        upload = form.cleaned_data["file"]
        self.started = imports.start_import(
            upload,
            upload.name,
            case=self.case,
            dry_run=form.cleaned_data["dry_run"],
            by=person(self.request),
        )

    def back(self) -> str:
        started = getattr(self, "started", None)
        return reverse("casework:import_detail", args=[started.pk]) if started else super().back()


@allow(Permission.SEE_CASEWORK)
class ImportDetail(DetailView):
    template_name = "casework/import_detail.html"

    def get_queryset(self) -> QuerySet:
        return ItemImport.objects.visible_to(person(self.request)).select_related("case", "created_by")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        running = self.object.status in UNFINISHED
        return super().get_context_data(
            running=running,
            refresh_seconds=2 if running else None,
            errors=self.object.errors[:SHOWN] if self.object.rows_done else [],
            warnings=self.object.warnings[:SHOWN],
            crumbs=[
                ("Cases", reverse("casework:case_list")),
                (self.object.case.reference, case_url(self.object.case)),
            ],
            may_import=person(self.request).can(Permission.IDENTIFY_ITEM),
            **more,
        )


def _visible_import(request: HttpRequest, pk: int) -> ItemImport:
    rows = ItemImport.objects.visible_to(person(request)).select_related("case")
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


@allow(Permission.IDENTIFY_ITEM)
@require_POST
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """After a trial: the same file again, and this time store its items."""
    started = imports.again(_visible_import(request, pk), by=person(request))
    return redirect("casework:import_detail", pk=started.pk)


@allow(Permission.IDENTIFY_ITEM)
@require_POST
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    imports.cancel_import(_visible_import(request, pk), by=person(request))
    messages.success(request, "The import stops. What it had stored stays.")
    return redirect("casework:import_detail", pk=pk)


@allow(Permission.SEE_CASEWORK)
@require_safe
def import_errors(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows that were refused, or with `rows=all` the whole file, as CSV with a column `error`."""
    item_import = _visible_import(request, pk)
    if not store.path(item_import.sha256).exists():
        raise Http404("The file is no longer kept.")
    lines = error_lines(item_import, every_row=request.GET.get("rows") == "all")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{item_import.pk}-errors.csv"'
    return response
