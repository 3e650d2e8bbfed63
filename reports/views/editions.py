"""The pages of editions: the list, one with its figures, two compared, and the form that prepares one."""

from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guards import allow
from accounts.pages import Listing, blame, person
from accounts.roles import Permission, can
from casework.views.edges import told
from reports import editions, events, tallies
from reports.edition_rows import beneath, linked
from reports.filters import EditionFilter
from reports.forms import CompareForm, EditionForm, Filters
from reports.groupings import named, written
from reports.measures import NUMERATOR, counted
from reports.models import FILTERS, Edition, EditionStatus, PublicCopy
from reports.publication import is_provisional
from reports.revisions import Difference, differences, group_name
from reports.showing import Rows, base_mark, query
from reports.tabulation import tables
from reports.views.edition_buttons import buttons
from reports.views.shown import edition_downloads, places, shown

SHOWN_CHANGES = 200
UNPROCESSABLE = 422
WITH_ROWS = frozenset({"S02", "S03", "S04", "S05"})
PEOPLE = ("prepared_by", "approved_by", "published_by", "ended_by", "supersedes")
RATES = frozenset({"rate", "low", "high", "interval", "cluster_interval", "largest_notice_share"})


@allow(Permission.SEE_FIGURES)
class EditionList(Listing):
    model = Edition
    related = ("supersedes",)
    filterset_class = EditionFilter
    template_name = "reports/edition_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        user = person(self.request)
        return super().get_context_data(
            places=places(self.request), may_prepare=user.can(Permission.PREPARE_EDITION), **more
        )


def visible_edition(request: HttpRequest, reference: str) -> Edition:
    """The edition, or 404 when there is none that this person may see."""
    rows = Edition.objects.visible_to(person(request)).select_related(*PEOPLE)
    return cast(Edition, get_object_or_404(rows, reference=reference))


def edition_url(edition: Edition) -> str:
    return reverse("reports:edition_detail", args=[edition.reference])


@allow(Permission.SEE_FIGURES)
@require_safe
def edition_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One edition with its figures; who opens it before its release is noted."""
    edition, user = visible_edition(request, reference), person(request)
    events.note_opening(edition, by=user)
    frozen, job = edition.frozen, edition.jobs.first()
    changes = editions.revisions(edition)
    context: dict[str, Any] = {
        "edition": edition,
        "scope": editions.scope_of(edition),
        "frozen": frozen,
        "job": None if frozen else job,
        "refresh_seconds": 2 if job and job.is_running and not frozen else None,
        "may_prepare": can(user, Permission.PREPARE_EDITION),
        "downloads": edition_downloads(request, edition),
        "public_copy": PublicCopy.objects.filter(edition=edition).select_related("made_by").first(),
        "buttons": buttons(edition, user),
        "changes": rows_of(changes),
        "more_changes": max(0, len(changes) - SHOWN_CHANGES),
        "successor": edition.successors.visible_to(user).exclude(status="discarded").first(),
        "timeline": told(edition.events.visible_to(user), events.sentence),
        "crumbs": [("Editions", reverse("reports:edition_list"))],
    }
    if context["public_copy"] and edition.status == EditionStatus.PUBLISHED and settings.PUBLIC_TRANSPARENCY:
        context["public_url"] = reverse("transparency:edition", args=[edition.reference])
    if frozen:
        total = frozen.figures["groups"][0]
        context |= shown(
            total, context["scope"], [change.path for change in changes if change.group == "All"]
        )
        names = Filters().names
        rows = Rows(reverse("reports:episodes"), context["scope"], names)
        context["groups"] = _groups(frozen.figures["groups"][1:], changes, rows)
        context["tables"] = _more_tables(frozen.figures, rows)
    return render(request, "reports/edition_detail.html", context)


def _more_tables(figures: dict[str, Any], rows: Rows) -> list[dict[str, Any]]:
    """The tables of the report that have no part of the page for themselves, with the places to jump to."""
    return [
        {
            "table": table,
            "id": slugify(table.title),
            "rows": linked(table, rows),
            "beneath": beneath(table, figures["groups"][0], rows),
        }
        for table in tables(figures, rows.names["platform"])
        if table.code not in WITH_ROWS
    ]


def _groups(groups: list[dict[str, Any]], changes: list[Difference], rows: Rows) -> list[dict[str, Any]]:
    revised = {(change.group, change.path[0]) for change in changes}
    return [
        {
            "name": (name := group_name(group["group"])),
            "words": ", ".join(named(by, value, rows.names) for by, value in group["group"].items()),
            "notified_url": rows.of(group=written(group["group"])),
            "eligible_url": rows.of(group=written(group["group"]), eligible="1"),
            "down_url": rows.of(group=written(group["group"]), outcome=",".join(NUMERATOR)),
            "notified": group["S01"]["notified_items"],
            "eligible": group["S03"]["eligible"],
            "s04": group["S04"],
            "s05": group["S05"]["7d"],
            "base": base_mark(group["S03"]["eligible"]),
            "base_7d": base_mark(group["S05"]["7d"]["denominator"]),
            "revised": {statistic for changed, statistic in revised if changed == name},
        }
        for group in groups
    ]


def rows_of(changes: list[Difference]) -> list[tuple[str, str, str, str]]:
    """Group, figure, earlier and later value in words, of as many as a page shows."""
    return [
        (change.group, change.figure, said(change, change.old), said(change, change.new))
        for change in changes[:SHOWN_CHANGES]
    ]


def said(change: Difference, value: Any) -> str:
    """A figure as the table of revisions prints it: rates in per cent, unrounded enough to tell them apart."""
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.2%}" if RATES & {*change.path} else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


# -- Taken away ------------------------------------------------------------------------------------


@allow(Permission.SEE_FIGURES)
@require_safe
def edition_document(request: HttpRequest, reference: str) -> HttpResponse:
    """The figures as they were frozen, byte for byte."""
    edition = visible_edition(request, reference)
    frozen = edition.frozen
    if frozen is None:
        raise Http404("The figures of this edition are not frozen yet.")
    events.note_opening(edition, by=person(request))
    return _download(frozen.document, f"{edition}.json")


@allow(Permission.SEE_FIGURES)
@require_safe
def edition_public(request: HttpRequest, reference: str) -> HttpResponse:
    """What may be made public of the figures, with small counts left out."""
    edition = visible_edition(request, reference)
    document = editions.public_figures(edition)
    if document is None:
        raise Http404("The figures of this edition are not frozen yet.")
    events.note_opening(edition, by=person(request))
    return _download(editions.written(document), f"{edition}-public.json")


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def frozen_edition(request: HttpRequest, reference: str) -> Edition:
    edition = visible_edition(request, reference)
    if edition.frozen is None:
        raise Http404("The figures of this edition are not frozen yet.")
    events.note_opening(edition, by=person(request))
    return edition


# -- Compared --------------------------------------------------------------------------------------


@allow(Permission.SEE_FIGURES)
@require_safe
def edition_compare(request: HttpRequest) -> HttpResponse:
    """Every figure in which two editions differ."""
    form = CompareForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "crumbs": [("Editions", reverse("reports:edition_list"))]}
    if form.is_bound and form.is_valid():
        context |= _compared(request, form)
    status = form.status if form.errors else HTTPStatus.OK
    return render(request, "reports/edition_compare.html", context, status=status)


def _compared(request: HttpRequest, form: CompareForm) -> dict[str, Any]:
    found = {}
    for name in ("first", "second"):
        rows = Edition.objects.visible_to(person(request))
        edition = rows.filter(reference__iexact=form.cleaned_data[name].strip()).first()
        if edition is None:
            form.add_error(name, "There is no such edition; copy the reference from the list.")
        elif not edition.frozen:
            form.add_error(name, "The figures of this edition are not frozen yet.")
        else:
            events.note_opening(edition, by=person(request))
            found[name] = edition
    if form.errors:
        return {}
    changes = differences(found["first"].figures, found["second"].figures)
    more = max(0, len(changes) - SHOWN_CHANGES)
    pair = [found["first"], found["second"]]
    scopes = {tuple(getattr(each, name) for name in ("first", "last", *Edition.SCOPE)) for each in pair}
    told = {"pair": pair, "other_scope": len(scopes) > 1}
    return {**found, **told, "compared": True, "changes": rows_of(changes), "more_changes": more}


@allow(Permission.SEE_UNRELEASED)
@require_POST
def edition_rerun(request: HttpRequest, reference: str) -> HttpResponse:
    """Compute the figures again from the records of now, and say what differs."""
    edition = visible_edition(request, reference)
    again = editions.rerun(edition)
    if again.equal:
        messages.success(request, f"{edition} computed again: every byte is the same.")
        return redirect(edition_url(edition))
    context = {
        "edition": edition,
        "again": again,
        "frozen": edition.frozen,
        "changes": rows_of(again.differences),
        "more_changes": max(0, len(again.differences) - SHOWN_CHANGES),
        "crumbs": [("Editions", reverse("reports:edition_list")), (edition.reference, edition_url(edition))],
    }
    return render(request, "reports/edition_rerun.html", context)


# -- Prepared --------------------------------------------------------------------------------------


@allow(Permission.PREPARE_EDITION)
@require_http_methods(["GET", "HEAD", "POST"])
def edition_prepare(request: HttpRequest) -> HttpResponse:
    """The question in the address, then the headline as it would be frozen; sent by POST, it is."""
    form = EditionForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "crumbs": [("Editions", reverse("reports:edition_list"))]}
    if not form.is_bound or not form.is_valid():
        asked = "title" in request.GET or request.method == "POST" or form.misread
        status = form.status if asked else HTTPStatus.OK
        if status == HTTPStatus.OK and form.is_bound:  # from the page of the rates: only the title is missing
            context["form"] = EditionForm(initial=_initial(request))
        return render(request, "reports/edition_prepare.html", context, status=status)
    scope, asked = form.scope(), form.asked()
    if request.method == "POST":
        try:
            return redirect(edition_url(editions.prepare(scope, **asked, by=person(request))))
        except ValidationError as error:
            blame(form, error)
            return render(request, "reports/edition_prepare.html", context, status=UNPROCESSABLE)
    named = {name: str(value) for name, value in asked.items()}
    context |= shown(counted(tallies.read(scope)[()]), scope)
    context["provisional"] = is_provisional(scope.period, scope.as_at, scope.known_by)
    context["freeze_url"] = f"{reverse('reports:edition_prepare')}?{query(scope, **named)}"
    return render(request, "reports/edition_prepare.html", context)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """The question of the page of the rates; its as-at of now is left to the default publication."""
    sent = request.GET.dict()
    return {"first": sent.get("from"), "last": sent.get("to"), **{name: sent.get(name) for name in FILTERS}}


@allow(Permission.PREPARE_EDITION)
@require_POST
def edition_compute(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin again what failed or was stopped."""
    edition = visible_edition(request, reference)
    editions.compute_again(edition, by=person(request))
    return redirect(edition_url(edition))
