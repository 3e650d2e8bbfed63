"""The pages about checkers: how they do, and which platforms they may visit."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import Crumbs, Listing, VerbPage, person
from accounts.roles import Permission
from casework import checkers, visits
from casework.checking_forms import CheckerForm, NoteReadForm
from casework.models import Checker, VisitDecision
from platforms.models import Platform

PLAIN, SIGNED_IN = "signed-out", "signed-in"
SHOWN_DECISIONS = 20
Vantage = tuple[str, bool]  # the country, and whether signed in


class Switch(NamedTuple):
    """Whether one platform may be visited from one vantage, and where that is changed."""

    vantage: str
    is_on: bool
    url: str


@allow(Permission.SEE_CASEWORK, Permission.MANAGE_PLATFORMS)
class CheckerList(Listing):
    """How every checker does, which platforms may be visited from where, and who decided that."""

    model = Checker
    template_name = "casework/checker_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        user = person(self.request)
        seen_from = vantages()
        rows = switches(Platform.objects.active() if seen_from else (), seen_from)
        decisions = VisitDecision.objects.visible_to(user).select_related("platform")
        return {
            **context,
            "summaries": checkers.summaries(context["page_obj"].object_list),
            "switches": sorted(rows, key=lambda row: not any(switch.is_on for switch in row[1])),
            "columns": "|".join(["Platform", *(named(*vantage) for vantage in seen_from)]),
            "decisions": decisions[:SHOWN_DECISIONS],
            "may_decide": user.can(Permission.MANAGE_PLATFORMS),
        }


def vantages() -> list[Vantage]:
    """From where checkers look that are in use."""
    return sorted(set(Checker.objects.filter(is_active=True).values_list("country", "logged_in")))


def switches(
    platforms: Iterable[Platform], seen_from: Iterable[Vantage]
) -> list[tuple[Platform, list[Switch]]]:
    """Of each platform, one switch for each vantage."""
    open_pairs = visits.allowed()
    return [
        (
            platform,
            [
                Switch(named(*each), (platform.pk, *each) in open_pairs, _url(platform, *each))
                for each in seen_from
            ],
        )
        for platform in platforms
    ]


def named(country: str, logged_in: bool) -> str:
    return f"From {country}, signed in" if logged_in else f"From {country}"


def _url(platform: Platform, country: str, logged_in: bool) -> str:
    return reverse("casework:visit_decide", args=[platform.slug, country, SIGNED_IN if logged_in else PLAIN])


class AboutCheckers(VerbPage):
    """A form whose way back is the list of checkers."""

    def back(self) -> str:
        return reverse("casework:checker_list")

    def crumbs(self) -> Crumbs:
        return [("Checkers", self.back())]


@allow(Permission.MANAGE_PLATFORMS)
@method_decorator(never_cache, name="dispatch")
class CheckerAdd(AboutCheckers):
    """The answer to the form shows the secret of the token, once."""

    form_class = CheckerForm
    title = "Add a checker"
    button = "Add the checker"

    def form_valid(self, form: Any) -> HttpResponse:
        checker, secret = checkers.add_checker(**form.cleaned_data, by=person(self.request))
        return issued(self.request, checker, secret)


def issued(request: HttpRequest, checker: Checker, secret: str) -> HttpResponse:
    return render(request, "casework/checker_issued.html", {"checker": checker, "secret": secret})


def _visible(request: HttpRequest, pk: int) -> Checker:
    return cast(Checker, get_object_or_404(Checker.objects.visible_to(person(request)), pk=pk))


@allow(Permission.MANAGE_PLATFORMS)
@never_cache
@require_POST
def checker_renew(request: HttpRequest, pk: int) -> HttpResponse:
    checker = _visible(request, pk)
    return issued(request, checker, checkers.new_token(checker, by=person(request)))


@allow(Permission.MANAGE_PLATFORMS)
@require_POST
def checker_stop(request: HttpRequest, pk: int) -> HttpResponse:
    checker = _visible(request, pk)
    if checker.is_active:
        checkers.stop(checker, by=person(request))
    messages.success(request, f"The checker “{checker.name}” is out of use.")
    return redirect("casework:checker_list")


@allow(Permission.MANAGE_PLATFORMS)
class VisitDecide(AboutCheckers):
    """The legal note, and the switch for one platform and vantage."""

    template_name = "casework/visit_decide.html"

    def get_subject(self) -> Platform:
        if self.kwargs["how"] not in (PLAIN, SIGNED_IN):
            raise Http404
        return get_object_or_404(Platform.objects.visible_to(person(self.request)), slug=self.kwargs["slug"])

    @property
    def vantage(self) -> dict[str, Any]:
        return {"country": self.kwargs["country"], "logged_in": self.kwargs["how"] == SIGNED_IN}

    @property
    def is_on(self) -> bool:
        return visits.is_allowed(cast(Platform, self.subject), **self.vantage)

    def get_form_class(self) -> type[NoteReadForm]:
        return NoteReadForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "is_on": self.is_on}

    def act(self, form: Any) -> str:
        turn_on = not self.is_on
        note = visits.NOTE_SHA256 if form.cleaned_data.get("read") else ""
        visits.decide(cast(Platform, self.subject), **self.vantage, allowed=turn_on, note_sha256=note,
                      by=person(self.request))  # fmt: skip
        return f"Visits to {self.subject} are {'on' if turn_on else 'off'} now."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        on, vantage = self.is_on, named(**self.vantage)
        shown = {
            "title": f"{'Stop' if on else 'Allow'} visits to {self.subject}",
            "button": "Turn visits off" if on else "Turn visits on",
            "warning": not on,
            "lead": f"{vantage}.",
            "note": visits.LEGAL_NOTE,
            "is_on": on,
        }
        return {**super().get_context_data(**more), **shown, "subject": None}
