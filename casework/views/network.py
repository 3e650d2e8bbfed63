"""Pages of what joins items: selectors, and accounts. Internal: no liaison sees them, no letter holds them."""

from typing import Any

from django.db.models import Max, Min, Model, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from casework.connections import most_seen
from casework.filters import SelectorFilter
from casework.models import Account, Item, Mention, Selector


@allow(Permission.SEE_CASEWORK)
class SelectorList(Listing):
    """All selectors, those of the most items first."""

    model = Selector
    filterset_class = SelectorFilter
    template_name = "casework/selector_list.html"

    def visible(self) -> QuerySet:
        return most_seen(super().visible())


class ItemsOf(Listing):
    """The items that share one thing, over all cases, the newest first."""

    model = Item
    related = ("platform", "case")
    template_name = "casework/shared_items.html"
    subject: Model

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        crumbs = [("Network", reverse("casework:network"))]
        seen = self.visible().aggregate(first=Min("found_at"), last=Max("last_live_at"))
        return super().get_context_data(subject=self.subject, crumbs=crumbs, seen=seen, **more)


@allow(Permission.SEE_CASEWORK)
class SelectorDetail(ItemsOf):
    def visible(self) -> QuerySet:
        user = person(self.request)
        self.subject = get_object_or_404(Selector.objects.visible_to(user), pk=self.kwargs["pk"])
        mentions = Mention.objects.visible_to(user).filter(selector=self.subject)
        return super().visible().filter(pk__in=mentions.values("item")).order_by("-pk")


@allow(Permission.SEE_CASEWORK)
class AccountDetail(ItemsOf):
    def visible(self) -> QuerySet:
        accounts = Account.objects.visible_to(person(self.request)).select_related("platform")
        self.subject = get_object_or_404(accounts, pk=self.kwargs["pk"])
        return super().visible().filter(account=self.subject).order_by("-pk")
