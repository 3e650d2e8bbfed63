from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import Crumbs, Listing, person
from accounts.roles import Permission
from casework import cases
from casework.filters import CaseFilter
from casework.forms import CaseForm, ReasonForm
from casework.models import Case, Event, Item, ItemStatus
from casework.views.edges import CasePage, EdgePage, case_url, told

CLOSED = [ItemStatus.CLOSED, ItemStatus.DUPLICATE, ItemStatus.NOT_ACTIONABLE]


@allow(Permission.SEE_CASEWORK)
class CaseList(Listing):
    model = Case
    related = ("opened_by",)
    filterset_class = CaseFilter
    template_name = "casework/case_list.html"

    def visible(self) -> QuerySet:
        still_open = Count("items", filter=~Q(items__status__in=CLOSED))
        return (
            super()
            .visible()
            .annotate(item_count=Count("items"), open_count=still_open)
            .order_by("-opened_at", "-pk")
        )

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(may_open=person(self.request).can(Permission.OPEN_CASE), **more)


@allow(Permission.SEE_CASEWORK)
class CaseDetail(DetailView):
    template_name = "casework/case_detail.html"
    slug_field = slug_url_kwarg = "reference"

    def get_queryset(self) -> QuerySet:
        return Case.objects.visible_to(person(self.request)).select_related("opened_by", "closed_by")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        user, case = person(self.request), self.object
        items = Item.objects.visible_to(user).filter(case=case)
        return super().get_context_data(
            statuses=_counted(items, "status", ItemStatus.choices),
            platforms=items.values("platform__slug", "platform__name")
            .annotate(count=Count("pk"))
            .order_by("-count"),
            imports=case.imports.visible_to(user).order_by("-pk")[:5],
            events=told(Event.objects.visible_to(user).filter(case=case, item__isnull=True)[:20]),
            crumbs=[("Cases", reverse("casework:case_list"))],
            may=_may(user, case),
            **more,
        )


def _counted(items: QuerySet, field: str, choices: list[tuple[str, Any]]) -> list[tuple[str, str, int]]:
    """Value, label and count of each choice that occurs, in the order of the choices."""
    counts = dict(items.order_by().values_list(field).annotate(count=Count("pk")))
    return [(value, str(label), counts[value]) for value, label in choices if value in counts]


def _may(user: Any, case: Case) -> dict[str, bool]:
    is_open = case.status == "open"
    return {
        "add": is_open and user.can(Permission.IDENTIFY_ITEM),
        "close": is_open and user.can(Permission.CLOSE_CASE),
    }


@allow(Permission.OPEN_CASE)
class CaseOpen(EdgePage):
    form_class = CaseForm
    title = "Open a case"
    button = "Open the case"

    def act(self, form: Any) -> str:
        wanted = form.cleaned_data
        self.opened = cases.open_case(
            wanted["reference"],
            title=wanted["title"],
            description=wanted["description"],
            by=person(self.request),
        )
        return f"The case {self.opened.reference} is open. Now paste addresses or import a file."

    def back(self) -> str:
        return case_url(self.opened) if hasattr(self, "opened") else reverse("casework:case_list")

    def crumbs(self) -> Crumbs:
        return [("Cases", reverse("casework:case_list"))]


@allow(Permission.CLOSE_CASE)
class CaseClose(CasePage):
    form_class = ReasonForm
    title = "Close the case"
    button = "Close the case"
    done = "The case is closed."

    def act(self, form: Any) -> None:
        cases.close_case(self.case, reason=form.cleaned_data["reason"], by=person(self.request))
