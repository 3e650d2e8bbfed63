"""The pages about addresses that today's rules read in another way."""

from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.guards import allow
from accounts.pages import Crumbs, Listing, person
from accounts.roles import Permission
from casework import decisions, rereading
from casework.filters import RereadingFilter
from casework.forms import ReasonForm
from casework.models import Effect, Kind, Rereading
from casework.views.edges import EdgePage

EFFECTS = {
    Effect.MERGE: "If you accept, {item} is marked as a duplicate of {other}, with the new address. "
    "The mark can be undone once {other} is closed, or has another address.",
    Effect.SPLIT: "If you accept, {item} and {other} are two items: the mark as a duplicate is taken back.",
    Effect.NEW_KEY: "If you accept, {item} is known by the new address. No other item is touched.",
    Effect.KIND: "If you accept, {item} counts as the new kind in figures from now on. Its identity stays.",
    Effect.UNREADABLE: "Nothing can be read from the address by today's rules. If you accept, this is noted; "
    "{item} keeps the identity that it has.",
}
SIDES = (
    ("Address", "canonical"), ("Address in letters", "printed"), ("Namespace", "namespace"),
    ("Identifier", "identifier"), ("Kind", "kind"), ("Rule", "recognition_rule"),
)  # fmt: skip


@allow(Permission.SEE_CASEWORK)
class RereadingList(Listing):
    model = Rereading
    related = ("item__case", "other")
    filterset_class = RereadingFilter
    template_name = "casework/rereading_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(
            left=rereading.due().count(),
            crumbs=[("Items", reverse("casework:item_list"))],
            may_decide=person(self.request).can(Permission.APPROVE_ITEM),
            **more,
        )


class DecideReading(EdgePage):
    """Both readings beside each other, what accepting would do, and the reason."""

    template_name = "casework/rereading_form.html"
    form_class = ReasonForm

    @property
    def rereading(self) -> Rereading:
        return cast(Rereading, self.subject)

    def get_subject(self) -> Rereading:
        rows: QuerySet = Rereading.objects.visible_to(person(self.request))
        return cast(Rereading, get_object_or_404(rows.select_related("item", "other"), pk=self.kwargs["pk"]))

    def back(self) -> str:
        return reverse("casework:rereading_list")

    def crumbs(self) -> Crumbs:
        return [("Items", reverse("casework:item_list")), ("Addresses read anew", self.back())]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        row = self.rereading
        return super().get_context_data(sides=sides(row), effect=effect(row), **more)


@allow(Permission.APPROVE_ITEM)
class AcceptReading(DecideReading):
    title = "Accept the new reading"
    button = "Accept"
    done = "The new reading is accepted."

    def act(self, form: Any) -> None:
        decisions.accept(self.rereading, reason=form.cleaned_data["reason"], by=person(self.request))


@allow(Permission.APPROVE_ITEM)
class RefuseReading(DecideReading):
    title = "Keep the item as it was read"
    button = "Keep as it was"
    done = "The item stays as it was read; this reading is not proposed again."

    def act(self, form: Any) -> None:
        decisions.refuse(self.rereading, reason=form.cleaned_data["reason"], by=person(self.request))


def effect(row: Rereading) -> str:
    """What accepting does, in a sentence or two."""
    return EFFECTS[Effect(row.effect)].format(item=row.item, other=row.other)


@dataclass(frozen=True)
class Side:
    """One thing that an address is read as, before and by today's rules."""

    label: str
    old: str
    new: str
    is_address: bool

    @property
    def differs(self) -> bool:
        return self.old != self.new


def sides(row: Rereading) -> list[Side]:
    """Both readings, line by line."""
    kinds = dict(Kind.choices)
    found = []
    for label, name in SIDES:
        old, new = row.old.get(name, ""), row.new.get(name, row.old.get(name, "") if row.new else "")
        if name == "kind":
            old, new = kinds.get(old, old), kinds.get(new, new)
        found.append(Side(label, str(old), str(new), is_address=name in ("canonical", "printed")))
    return found
