"""Rows behind a number, fifty to a page."""

from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest

PAGE_ROWS = 50


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for; 404 for one that can be none."""
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) < 10**6:
        raise Http404("There is no such page.")
    return int(number)


def one_page(shown: list[Any], count: int, number: int) -> Page:
    """Rows that are in hand as the page of that number; 404 beyond the last."""
    paginator = Paginator(range(count), PAGE_ROWS)
    try:
        paginator.validate_number(number)
    except EmptyPage as error:
        raise Http404("There is no such page.") from error
    return Page(shown, number, paginator)
