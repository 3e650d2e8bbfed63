"""The pages of letters that ask for no removal, and the signed lists of items that come with every letter."""

import json
import re
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import Crumbs, VerbPage, person
from accounts.roles import Permission
from casework.models import Item
from casework.signing import NoKey
from casework.transitions import TransitionNotAllowed
from notices import item_lists, side_letters
from notices.forms import ExplanationForm, PreservationForm
from notices.models import Notice
from notices.views.edges import NoticePage, notice_url, visible_notice

READERS = (Permission.SEE_CASEWORK, Permission.ANSWER_NOTICE)
BETWEEN = re.compile(r"[\s,;]+")
TYPES = {item_lists.CSV_NAME: "text/csv; charset=utf-8", item_lists.JSON_NAME: "application/json"}


class ListNameConverter:
    """The name of a list, or of its signature."""

    regex = r"items\.(?:csv|json)(?:\.sig)?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SideLetter(NoticePage):
    """Drafts a further letter about a notice, and goes on to it."""

    form_class = ExplanationForm
    template_name = "notices/side_letter.html"
    button = "Draft the letter"
    made: Notice | None = None

    def back(self) -> str:
        return notice_url(self.made or self.notice)

    def chosen(self) -> list[int]:
        given = self.request.POST.getlist("selected")
        return [int(number) for number in given if number.isdecimal() and len(number) < 7]


@allow(Permission.DRAFT_NOTICE)
class DraftWithdrawal(SideLetter):
    title = "Tell the platform of the withdrawal"

    def act(self, form: Any) -> str:
        self.made = side_letters.draft_withdrawal(self.notice, **form.cleaned_data, by=person(self.request))
        return f"{self.made} is drafted. Read it, then submit it for approval."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        obstacle = side_letters.cannot_withdraw_by_letter(self.notice)
        return super().get_context_data(obstacle=obstacle, rows=[], **more)


@allow(Permission.DRAFT_NOTICE)
class DraftCorrection(SideLetter):
    title = "Correct it"

    def act(self, form: Any) -> str:
        self.made = side_letters.draft_correction(
            self.notice, self.chosen(), **form.cleaned_data, by=person(self.request)
        )
        return f"{self.made} is drafted. Read it, then submit it for approval."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        chosen = self.chosen()
        lines = self.notice.lines.select_related("item").order_by("position")
        rows = [(line, line.position in chosen) for line in lines]
        return super().get_context_data(obstacle=side_letters.cannot_correct(self.notice), rows=rows, **more)


@allow(Permission.DRAFT_NOTICE)
class DraftPreservation(VerbPage):
    """A request to preserve, for each platform of the items named."""

    form_class = PreservationForm
    title = "Ask to preserve"
    button = "Draft the request"
    made: list[Notice] | None = None

    def get_initial(self) -> dict[str, Any]:
        return {"items": "\n".join(self.request.GET.getlist("selected"))}

    def act(self, form: Any) -> str | None:
        asked = [each for each in BETWEEN.split(form.cleaned_data["items"]) if each]
        found = Item.objects.visible_to(person(self.request)).filter(reference__in=asked).order_by("pk")
        items = list(found.select_related("platform"))
        if missing := sorted(set(asked) - {item.reference for item in items}):
            form.add_error("items", f"There is no item {', '.join(missing[:10])[:200]}.")
            return None
        self.made = side_letters.draft_preservation(
            items, language=form.cleaned_data["language"], by=person(self.request)
        )
        named = ", ".join(map(str, self.made))
        return f"Drafted: {named}. Read the letter, then submit it for approval."

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            shown = super().form_valid(form)
        except TransitionNotAllowed as refusal:
            form.add_error("items", refusal.message)
            return self.form_invalid(form)
        return self.form_invalid(form) if form.errors else shown

    def back(self) -> str:
        if self.made and len(self.made) == 1:
            return notice_url(self.made[0])
        address = reverse("notices:notice_list")
        return f"{address}?queue=draft" if self.made else address

    def crumbs(self) -> Crumbs:
        return [("Notices", reverse("notices:notice_list"))]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        lead = (
            "The platform is asked to keep the items and the data that go with them, not to remove anything."
        )
        return super().get_context_data(lead=lead, **more)


@allow(*READERS)
@require_safe
def notice_items(request: HttpRequest, reference: str, file: str) -> HttpResponse:
    """A list of the items of a notice as it was frozen, or the signature of one; of a draft there is none."""
    notice = visible_notice(request, reference)
    plain = file.removesuffix(item_lists.SIGNED)
    if not notice.items_json_sha256:
        raise Http404("This notice has no signed lists.")
    content = item_lists.frozen(notice)[plain]
    if file != plain:
        content = item_lists.signature(content)
    response = HttpResponse(content, content_type=TYPES.get(file, "text/plain; charset=us-ascii"))
    response["Content-Disposition"] = f'attachment; filename="{notice.reference}-{file}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@require_safe
def list_keys(request: HttpRequest) -> HttpResponse:
    """The public keys with which lists of items have been signed; anybody may read them."""
    try:
        keys = item_lists.public_keys()
    except NoKey:
        return HttpResponse("The key cannot be read now.\n", status=503, content_type="text/plain")
    document = {"keys": [{"algorithm": "Ed25519", "public_key": key} for key in keys]}
    return HttpResponse(json.dumps(document, indent=1) + "\n", content_type="application/json")
