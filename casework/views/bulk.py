"""Many items at once: first what would happen to each, then doing it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import blame, person
from accounts.roles import Permission
from casework import bulk
from casework.filters import ItemFilter
from casework.forms import AssessmentForm, CheckForm, ConfirmForm, HoldForm, ReasonForm, RejectForm
from casework.models import Item

FORMS: dict[str, type[Form]] = {
    "assess": AssessmentForm,
    "reject": RejectForm,
    "ask": ReasonForm,
    "hold": HoldForm,
    "release": ReasonForm,
    "check": CheckForm,
}
LETTERS = {"draft": "notices:notice_draft", "dispute": "notices:dispute_draft"}  # pages that go on from here
MOST_DRAFTED = 150  # their references stand in the address of the drafting page


@allow(*{row.permission for row in bulk.VERBS.values()}, Permission.DRAFT_NOTICE)
@require_POST
def items_bulk(request: HttpRequest) -> HttpResponse:
    """Posted with `verb` and `selected`, or `everything` (a filter): a preview; with `confirmed` as well: done.

    It is done to all that were previewed (`references`), or to none.
    """
    verb, back = request.POST.get("verb", ""), _back(request)
    selected = _selected(request)
    if problem := _problem(verb, selected):
        messages.error(request, problem)
        return HttpResponseRedirect(back)
    if verb in LETTERS:
        return redirect(f"{reverse(LETTERS[verb])}?{urlencode({'selected': selected}, doseq=True)}")
    items = list(_chosen(request, selected))
    planned = bulk.plan(items, verb, by=person(request))
    fitting = [row.item for row in planned if not row.problem]
    form = _form(request, verb, fitting)
    if form.is_bound and form.is_valid() and fitting and _done(request, verb, fitting, form):
        return HttpResponseRedirect(back)
    context = {"verb": bulk.VERBS[verb], "planned": planned, "fitting": fitting, "form": form, "back": back}
    context["references"] = " ".join(item.reference for item in fitting)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "casework/items_bulk.html", context, status=status)


def _selected(request: HttpRequest) -> list[str]:
    """References: those that match the filter, those previewed before, or those selected on the page."""
    visible = Item.objects.visible_to(person(request))
    if "everything" in request.POST:
        wanted = ItemFilter(QueryDict(request.POST["everything"]), queryset=visible, request=request)
        rows = wanted.qs if wanted.is_valid() else visible.none()
    else:
        named = request.POST.get("references", "").split() or request.POST.getlist("selected")
        rows = visible.filter(reference__in=named)
    return list(rows.values_list("reference", flat=True)[: bulk.MOST + 1])


def _problem(verb: str, selected: list[str]) -> str:
    """Why there is nothing to preview, and what to do about it."""
    if verb not in LETTERS and verb not in bulk.VERBS:
        return "Choose what to do with the selected items."
    if not selected:
        return "Select at least one item."
    most = MOST_DRAFTED if verb in LETTERS else bulk.MOST
    if len(selected) > most:
        return f"At most {most:,} items at once: narrow the filter, or select fewer."
    return ""


def _chosen(request: HttpRequest, selected: list[str]) -> Any:
    visible = Item.objects.visible_to(person(request)).filter(reference__in=selected)
    return (
        visible.select_related("platform", "case").prefetch_related("exhibits__capture").order_by("reference")
    )


def _form(request: HttpRequest, verb: str, items: list[Item]) -> Form:
    given = request.POST if request.POST.get("confirmed") else None
    chosen = FORMS.get(verb, ConfirmForm)
    platforms = {item.platform_id: item.platform for item in items}
    if verb == "assess" and len(platforms) == 1:
        return AssessmentForm(given, platform=next(iter(platforms.values())))
    return CheckForm(given, with_file=False) if verb == "check" else chosen(given)


def _done(request: HttpRequest, verb: str, items: list[Item], form: Form) -> bool:
    try:
        bulk.do(items, verb, by=person(request), **form.cleaned_data)
    except ValidationError as error:
        blame(form, error)
        return False
    count = len(items)
    named = ", ".join(item.reference for item in items[:10]) + (" …" if count > 10 else "")
    messages.success(request, f"{count} item{'' if count == 1 else 's'} {bulk.VERBS[verb].done}: {named}")
    return True


def _back(request: HttpRequest) -> str:
    """The list that the person came from, so that they go on there."""
    wanted = request.POST.get("next") or request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    listing = reverse("casework:item_list")
    return wanted if safe and listing in wanted and not wanted.endswith("/bulk/") else listing
