"""The pages of series breaks: the list, a new one, and withdrawing one."""

from typing import Any, cast

from django.forms import Form
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.guards import allow
from accounts.pages import Crumbs, Listing, VerbPage, person
from accounts.roles import Permission
from casework.forms import ReasonForm
from reports import breaks
from reports.forms import SeriesBreakForm
from reports.models import SeriesBreak
from reports.views.shown import places


@allow(Permission.SEE_FIGURES)
class SeriesBreakList(Listing):
    model = SeriesBreak
    related = ("added_by", "withdrawn_by")
    template_name = "reports/series_break_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        may_keep = person(self.request).can(Permission.PREPARE_EDITION)
        return super().get_context_data(places=places(self.request), may_keep=may_keep, **more)


class SeriesBreakPage(VerbPage):
    def back(self) -> str:
        return reverse("reports:series_break_list")

    def crumbs(self) -> Crumbs:
        return [("Series breaks", self.back())]


@allow(Permission.PREPARE_EDITION)
class SeriesBreakAdd(SeriesBreakPage):
    form_class = SeriesBreakForm
    title = "Add a series break"
    button = "Add the series break"
    done = "The series break is added. Figures that span it say so."

    def act(self, form: Form) -> None:
        breaks.add(**form.cleaned_data, by=person(self.request))


@allow(Permission.PREPARE_EDITION)
class SeriesBreakWithdraw(SeriesBreakPage):
    form_class = ReasonForm
    title = "Withdraw a series break"
    button = "Withdraw the series break"
    done = "The series break is withdrawn. Figures known by an earlier time still show it."
    warning = True

    def get_subject(self) -> SeriesBreak:
        found = SeriesBreak.objects.visible_to(person(self.request))
        return cast(SeriesBreak, get_object_or_404(found, pk=self.kwargs["pk"]))

    def act(self, form: Form) -> None:
        breaks.withdraw(cast(SeriesBreak, self.subject), **form.cleaned_data, by=person(self.request))
