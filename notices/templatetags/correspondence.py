"""What a page about an item shows of its notices: `{% load correspondence %}`."""

from django import template
from django.db.models import QuerySet

from accounts.models import User
from casework.models import Item
from notices.models import Line

register = template.Library()


@register.simple_tag
def notice_lines(item: Item, user: User) -> QuerySet:
    """The lines about an item, newest notice first, each with its notice and answers."""
    lines = Line.objects.visible_to(user).filter(item=item)
    return lines.select_related("notice").prefetch_related("answers").order_by("-notice_id")
