"""What a page about an item shows of its notices: `{% load correspondence %}`."""

from collections.abc import Iterable

from django import template
from django.db.models import QuerySet

from accounts.models import User
from casework.models import Item
from notices.models import Dispute, Line

register = template.Library()


@register.simple_tag
def notice_lines(item: Item, user: User) -> QuerySet:
    """The lines about an item, newest notice first, each with its notice and answers."""
    lines = Line.objects.visible_to(user).filter(item=item)
    return lines.select_related("notice").prefetch_related("answers").order_by("-notice_id")


@register.simple_tag
def dispute_letters(items: Iterable[Item], user: User) -> dict[int, Dispute]:
    """By item the newest letter that disputes its last answer, with its notice; one query for all."""
    rows = Dispute.objects.visible_to(user).standing().filter(line__item__in=list(items))
    return {each.line.item_id: each for each in rows.select_related("line__notice").order_by("pk")}


@register.filter
def of(found: dict[int, Dispute], item: Item) -> Dispute | None:
    return found.get(item.pk)
