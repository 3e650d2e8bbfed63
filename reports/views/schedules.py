"""The pages of schedules: the list, a new one, and stopping one."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import Crumbs, Listing, VerbPage, person
from accounts.roles import Permission
from reports import schedules
from reports.forms import ScheduleForm
from reports.models import Schedule
from reports.views.shown import places


@allow(Permission.SEE_UNRELEASED)
class ScheduleList(Listing):
    model = Schedule
    related = ("created_by", "stopped_by")
    template_name = "reports/schedule_list.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().annotate(edition_count=Count("editions")).order_by("-pk")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        may_prepare = person(self.request).can(Permission.PREPARE_EDITION)
        return super().get_context_data(places=places(self.request), may_prepare=may_prepare, **more)


@allow(Permission.PREPARE_EDITION)
class ScheduleAdd(VerbPage):
    form_class = ScheduleForm
    title = "Add a schedule"
    button = "Add the schedule"
    done = "The schedule is added. Each edition is prepared when its default publication has come."

    def act(self, form: Form) -> None:
        schedules.add(**form.cleaned_data, by=person(self.request))

    def back(self) -> str:
        return reverse("reports:schedule_list")

    def crumbs(self) -> Crumbs:
        return [("Schedules", self.back())]


@allow(Permission.PREPARE_EDITION)
@require_POST
def schedule_stop(request: HttpRequest, pk: int) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.visible_to(person(request)), pk=pk)
    schedules.stop(schedule, by=person(request))
    messages.success(request, f"{schedule} has stopped. What it prepared stays.")
    return redirect("reports:schedule_list")
