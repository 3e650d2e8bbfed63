"""From approved items to drafts: choose, see how they would fall into notices, draft."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import View

from accounts.guards import allow
from accounts.pages import Crumbs, blame, person
from accounts.roles import Permission
from casework.models import Item
from casework.transitions import TransitionNotAllowed
from notices import drafting
from notices.completeness import EXPLANATION
from notices.forms import DraftForm, SenderForm, SideLetterForm
from notices.models import Line, Notice
from notices.sendable import UNDER_WAY
from notices.views.edges import NoticePage, notice_url, visible_notice
from platforms.models import Language

MOST = 1_000


@allow(Permission.DRAFT_NOTICE)
class NoticeDraft(View):
    """Without `selected`: the approved items; with it: the notices they would become; posted: drafts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if "selected" not in request.GET:
            return self.choose(request)
        language = request.GET.get("language", "")
        known = language if language in Language.values else ""
        return self.preview(request, DraftForm(initial={"language": known}), known)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DraftForm(request.POST)
        if not form.is_valid():
            return self.preview(request, form, "")
        language = form.cleaned_data["language"]
        try:
            made = drafting.draft(self.chosen(request), by=person(request), language=language)
        except TransitionNotAllowed as refusal:
            form.add_error(None, refusal.message)
            return self.preview(request, form, language)
        except ValidationError as error:
            blame(form, error)
            return self.preview(request, form, language)
        return _drafted(request, made)

    def choose(self, request: HttpRequest) -> HttpResponse:
        approved = Item.objects.visible_to(person(request)).to_notify().select_related("platform", "category")
        spoken_for = Line.objects.filter(notice__status__in=UNDER_WAY).values("item")
        items = approved.exclude(pk__in=spoken_for).order_by("platform__name", "priority", "pk")[:MOST]
        return render(request, "notices/notice_draft.html", {"items": items, "crumbs": self.crumbs()})

    def preview(self, request: HttpRequest, form: DraftForm, language: str) -> HttpResponse:
        items = self.chosen(request)
        groups = drafting.draft_preview(items, by=person(request), language=language)
        ready = bool(groups) and not any(group.problems for group in groups)
        selected = [item.reference for item in items]
        context = {
            "form": form,
            "groups": groups,
            "ready": ready,
            "selected": selected,
            "crumbs": self.crumbs(),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "notices/notice_draft_preview.html", context, status=status)

    def crumbs(self) -> Crumbs:
        return [("Notices", reverse("notices:notice_list"))]

    def chosen(self, request: HttpRequest) -> QuerySet:
        given = (request.POST if request.method == "POST" else request.GET).getlist("selected")[:MOST]
        return Item.objects.visible_to(person(request)).filter(reference__in=given).order_by("reference")


def _drafted(request: HttpRequest, made: list[Notice]) -> HttpResponse:
    count = len(made)
    messages.success(
        request, f"{count} notice{' is' if count == 1 else 's are'} drafted: {', '.join(map(str, made))}."
    )
    return HttpResponseRedirect(
        notice_url(made[0]) if count == 1 else f"{reverse('notices:notice_list')}?queue=draft"
    )


@allow(Permission.DRAFT_NOTICE)
class NoticeEdit(NoticePage):
    """Who sends a draft, whether in good faith, and which lines it has."""

    form_class = SenderForm
    template_name = "notices/notice_edit.html"
    title = "Sender and lines"
    done = "The draft is changed."

    def get_form_class(self) -> type[SenderForm]:
        return SideLetterForm if self.notice.kind in EXPLANATION else SenderForm

    def get_initial(self) -> dict[str, Any]:
        notice = self.notice
        return {
            "organisation": notice.sender_organisation,
            "name": notice.sender_name,
            "email": notice.sender_email,
            "good_faith": notice.good_faith,
            "marking": notice.marking,
            "handling": notice.handling,
            "explanation": notice.explanation,
        }

    def act(self, form: Any) -> None:
        drafting.set_sender(self.notice, **form.cleaned_data, by=person(self.request))

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(lines=self.notice.lines.select_related("item"), **more)


@allow(Permission.DRAFT_NOTICE)
@require_POST
def line_remove(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Take one line out of a draft."""
    notice = visible_notice(request, reference)
    line = get_object_or_404(Line.objects.select_related("item", "notice"), notice=notice, position=position)
    drafting.remove_line(line, by=person(request))
    messages.success(request, f"{line.item} is no longer in this notice.")
    return redirect("notices:notice_edit", reference=reference)
