"""Pages of what joins items: selectors, and accounts. Internal: no liaison sees them, no letter holds them."""

from typing import Any

from django.db.models import Max, Min, Model, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from casework.connections import most_seen
from casework.filters import AccountFilter, SelectorFilter
from casework.models import Account, Item, Mention, Selector


class NetworkListing(Listing):
    """One of the two lists, with the way to the other."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        lists = (("Selectors", "casework:network"), ("Accounts", "casework:account_list"))
        tabs = [(label, reverse(name), None, reverse(name) == self.request.path) for label, name in lists]
        return super().get_context_data(tabs=tabs, **more)


@allow(Permission.SEE_CASEWORK)
class SelectorList(NetworkListing):
    """All selectors, those of the most items first."""

    model = Selector
    filterset_class = SelectorFilter
    template_name = "casework/selector_list.html"

    def visible(self) -> QuerySet:
        return most_seen(super().visible(), items="mentions__item")


@allow(Permission.SEE_CASEWORK)
class AccountList(NetworkListing):
    """All accounts, those of the most items first."""

    model = Account
    filterset_class = AccountFilter
    related = ("platform",)
    template_name = "casework/account_list.html"

    def visible(self) -> QuerySet:
        return most_seen(super().visible(), items="items")


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
    """Each item with `found`, its mentions of the selector."""

    def visible(self) -> QuerySet:
        user = person(self.request)
        self.subject = get_object_or_404(Selector.objects.visible_to(user), pk=self.kwargs["pk"])
        mentions = Mention.objects.visible_to(user).filter(selector=self.subject)
        held = super().visible().filter(pk__in=mentions.values("item")).order_by("-pk")
        return held.prefetch_related(Prefetch("mentions", mentions.order_by("place"), to_attr="found"))


@allow(Permission.SEE_CASEWORK)
class AccountDetail(ItemsOf):
    def visible(self) -> QuerySet:
        accounts = Account.objects.visible_to(person(self.request)).select_related("platform")
        self.subject = get_object_or_404(accounts, pk=self.kwargs["pk"])
        return super().visible().filter(account=self.subject).order_by("-pk")
