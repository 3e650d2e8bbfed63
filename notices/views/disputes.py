"""From items in dispute to letters about them: see what they would be, draft them."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from accounts.guards import allow
from accounts.pages import blame, person
from accounts.roles import Permission
from casework.models import Item
from casework.transitions import TransitionNotAllowed
from notices import disputing
from notices.forms import DisputeForm
from notices.views.edges import notice_url
from platforms.models import Language

MOST = 150  # as many as come from a queue at once


@allow(Permission.DRAFT_NOTICE)
class DisputeDraft(View):
    """With `selected`: the letters that these items would become; posted: drafts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("language", "")
        language = asked if asked in Language.values else ""
        return self.preview(request, DisputeForm(initial={"language": language}), language)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DisputeForm(request.POST)
        if not form.is_valid():
            return self.preview(request, form, "")
        try:
            made = disputing.draft(self.chosen(request), **form.cleaned_data, by=person(request))
        except TransitionNotAllowed as refusal:
            form.add_error(None, refusal.message)
        except ValidationError as error:
            blame(form, error)
        else:
            named = ", ".join(map(str, made))
            messages.success(request, f"Drafted: {named}. Read the letter, then submit it for approval.")
            drafts = f"{reverse('notices:notice_list')}?queue=draft"
            return HttpResponseRedirect(notice_url(made[0]) if len(made) == 1 else drafts)
        return self.preview(request, form, form.cleaned_data["language"])

    def preview(self, request: HttpRequest, form: DisputeForm, language: str) -> HttpResponse:
        items, by = list(self.chosen(request)), person(request)
        asked = disputing.preview(items, by=by, language=language)
        left_out = {reference: why for group in asked for reference, why in group.refused.items()}
        fitting = [item for item in items if item.reference not in left_out]
        groups = disputing.preview(fitting, by=by, language=language) if left_out else asked
        context = {
            "form": form,
            "groups": groups,
            "left_out": left_out,
            "ready": bool(groups) and not any(group.misfits for group in groups),
            "selected": [item.reference for item in fitting],
            "crumbs": [("Items", reverse("casework:item_list"))],
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "notices/dispute_draft.html", context, status=status)

    def chosen(self, request: HttpRequest) -> QuerySet:
        given = (request.POST if request.method == "POST" else request.GET).getlist("selected")[:MOST]
        seen = Item.objects.visible_to(person(request)).filter(reference__in=given)
        return seen.select_related("platform").order_by("reference")
