"""What the pages about one item or one case share: finding it, going back to it, a refused transition."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.forms import CharField, HiddenInput
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.pages import Crumbs, VerbPage, person
from casework.models import Case, Item
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from casework.versions import ChangedMeanwhile, unchanged, version


def visible_item(request: HttpRequest, reference: str) -> Item:
    """The item, or 404 when there is none that this person may see."""
    items = Item.objects.visible_to(person(request)).select_related(
        "case", "platform", "category", "duplicate_of"
    )
    return cast(Item, get_object_or_404(items, reference=reference))


def visible_case(request: HttpRequest, reference: str) -> Case:
    return cast(Case, get_object_or_404(Case.objects.visible_to(person(request)), reference=reference))


def item_url(item: Item) -> str:
    return reverse("casework:item_detail", args=[item.reference])


def case_url(case: Case) -> str:
    return reverse("casework:case_detail", args=[case.reference])


SEEN = "seen"
SOON = timedelta(minutes=1)
SHOWN_EXHIBITS, SHOWN_LOOKS = 2, 8


@dataclass(frozen=True)
class Told:
    """An event as a timeline shows it; `by` and `reason` are empty where the sentence says them."""

    event: Any
    sentence: str
    by: str
    reason: str
    entered_at: datetime | None  # only when it was entered later than it happened


def told(events: Iterable[Any], say: Callable[[Any], str] = sentence) -> list[Told]:
    """The events of a timeline; `say` puts one into words."""
    return [_told(event, say(event)) for event in events]


def _told(event: Any, words: str) -> Told:
    by = "" if words.startswith(event.actor_name) else event.actor_name
    reason = "" if event.reason.strip() in words else event.reason
    late = event.recorded_at - event.at > SOON
    return Told(event, words[:1].upper() + words[1:], by, reason, event.recorded_at if late else None)


class EdgePage(VerbPage):
    """A verb page that goes back with a message when the record has moved on meanwhile."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except TransitionNotAllowed as refusal:
            messages.error(self.request, refusal.message)
            return HttpResponseRedirect(self.back())


class ItemPage(EdgePage):
    """A verb page about one item."""

    @property
    def item(self) -> Item:
        return cast(Item, self.subject)

    def get_subject(self) -> Item:
        return visible_item(self.request, self.kwargs["reference"])

    def back(self) -> str:
        return item_url(self.item)

    def crumbs(self) -> Crumbs:
        return [("Items", reverse("casework:item_list")), (self.item.reference, self.back())]


class Guarded(ItemPage):
    """A page whose form carries the version of the item that it was opened with, so that nothing is lost unseen."""

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields[SEEN] = CharField(
            max_length=16, required=False, widget=HiddenInput, initial=version(self.item)
        )
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with unchanged(self.item, form.cleaned_data.pop(SEEN, ""), by=person(self.request)):
                return super().form_valid(form)
        except ChangedMeanwhile as refusal:
            return self._look_again(refusal)

    def _look_again(self, refusal: ChangedMeanwhile) -> HttpResponse:
        """The same page with what was typed and the item as it is now; sent again, it is taken."""
        self.subject = self.get_subject()
        form = self.get_form()
        form.data = form.data.copy()
        form.data[SEEN] = version(self.item)
        form.add_error(None, refusal.message)
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.CONFLICT)


class ItemForm(ItemPage):
    """A form about one item, with what is known of it and the earlier looks beside it."""

    template_name = "casework/item_form.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        exhibits = self.item.exhibits.filter(capture=None).order_by("-pk")[:SHOWN_EXHIBITS]
        looks = self.item.checks.order_by("-at", "-pk")[:SHOWN_LOOKS]
        last = self.item.assessments.select_related("ground", "assessed_by").first()
        return super().get_context_data(exhibits=exhibits, looks=looks, assessment=last, **more)


class CasePage(EdgePage):
    """A verb page about one case."""

    @property
    def case(self) -> Case:
        return cast(Case, self.subject)

    def get_subject(self) -> Case:
        return visible_case(self.request, self.kwargs["reference"])

    def back(self) -> str:
        return case_url(self.case)

    def crumbs(self) -> Crumbs:
        return [("Cases", reverse("casework:case_list")), (self.case.reference, self.back())]
