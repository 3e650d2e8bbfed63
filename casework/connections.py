"""What an item shares with others: its account and the selectors in its words, with a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.models import User
from casework.models import Item, Mention, Selector

MOST_SELECTORS = 50


@dataclass(frozen=True)
class Connection:
    """One thing that an item shares: what it is, where its page is, and how many other items have it."""

    kind: str
    value: str
    url: str
    others: int


def connections(item: Item, user: User) -> list[Connection]:
    """The item's account first, then its selectors, those with the most other items first."""
    found = [*_of_account(item, user), *_of_selectors(item, user)]
    return sorted(found, key=lambda each: (each.kind != "Account", -each.others, each.value))


def _of_account(item: Item, user: User) -> Sequence[Connection]:
    if item.account is None:
        return ()
    items = Item.objects.visible_to(user).filter(account=item.account).exclude(pk=item.pk)
    url = reverse("casework:account_detail", args=[item.account.pk])
    return [Connection("Account", item.account.identifier, url, items.count())]


def _of_selectors(item: Item, user: User) -> Sequence[Connection]:
    mentions = Mention.objects.visible_to(user)
    held = mentions.filter(item=item).values("selector")
    counts = dict(
        mentions.filter(selector__in=held)
        .exclude(item=item)
        .order_by()
        .values_list("selector")
        .annotate(others=Count("item", distinct=True))
    )
    selectors = Selector.objects.visible_to(user).filter(pk__in=held)[:MOST_SELECTORS]
    return [
        Connection(
            each.get_kind_display(), each.value, reverse("casework:selector_detail", args=[each.pk]),
            counts.get(each.pk, 0),
        )
        for each in selectors
    ]  # fmt: skip


def most_seen(rows: QuerySet, *, items: str) -> QuerySet:
    """Selectors or accounts with `seen`, the number of items (`items` leads to them), the most first."""
    return rows.annotate(seen=Count(items, distinct=True)).order_by("-seen", "-pk")
