"""Opening the original of an item: a warning first, then the browser leaves, in a window of its own."""

from http import HTTPStatus

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import leaving
from casework.models import Item
from casework.views.edges import item_url, visible_item


@allow(Permission.SEE_CASEWORK)
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@csp_update(
    {"form-action": [SELF, "http:", "https:"]}
)  # browsers hold a form to it wherever it is sent on to
def item_original(request: HttpRequest, reference: str) -> HttpResponse:
    """What leaving means; posted: it is kept, and the browser is sent on."""
    item = visible_item(request, reference)
    address = leaving.original_of(item)
    return _leave(request, item, address) if request.method == "POST" else _warn(request, item, address)


def _warn(request: HttpRequest, item: Item, address: str) -> HttpResponse:
    crumbs = [("Items", reverse("casework:item_list")), (item.reference, item_url(item))]
    context = {"item": item, "address": address, "crumbs": crumbs, "cancel_url": item_url(item)}
    return render(request, "casework/item_original.html", context)


def _leave(request: HttpRequest, item: Item, address: str) -> HttpResponse:
    if not address:
        raise Http404("This address leads to no web page.")
    leaving.left(item, by=person(request))
    response = HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    response["Referrer-Policy"] = "no-referrer"
    return response
