"""The paste box: read what was pasted, show all of it, and save what the person chose."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import intake
from casework.forms import LANGUAGES, PasteForm
from casework.models import Item
from casework.views.edges import CasePage, case_url, visible_case
from casework.views.paste_rows import Board

CHANGED = "The text was changed after it was read. Look at what is read now, and save again."
NONE_SELECTED = "Select at least one address to save."
NO_ADDRESS = "No address was found in this text. Paste web addresses, one or many."
MOST_LISTED = 100


@allow(Permission.IDENTIFY_ITEM)
class Paste(CasePage):
    """Each button posts the whole form with `do`: what is to be done. Nothing is kept between two posts.

    `fragment=yes` asks for the preview alone, as the page's script does while somebody pastes.
    """

    form_class = PasteForm
    template_name = "casework/paste.html"
    title = "Paste addresses"
    button = "Read the addresses"

    def form_valid(self, form: Any) -> HttpResponse:
        board = self.board(form)
        if not board.rows:
            form.add_error("text", NO_ADDRESS)
            return self.form_invalid(form)
        action, _, value = self.request.POST.get("do", "read").partition(":")
        if action != "save":
            board.choose(action, value)
            return self.show(form, board, action=action, value=value)
        if problem := self.objection(form, board):
            return self.show(form, board, action=action, problem=problem)
        return self.save(form, board)

    def form_invalid(self, form: Any) -> HttpResponse:
        board = self.board(form) if form.pieces and "text" in form.cleaned_data else None
        return self.show(form, board)

    def board(self, form: PasteForm) -> Board:
        candidates = intake.read_pieces(form.pieces, case=self.case, by=person(self.request))
        return Board(candidates, self.request.POST)

    def objection(self, form: PasteForm, board: Board) -> str:
        """Why nothing is saved yet: the person has not seen this text read, or selected nothing."""
        if self.request.POST.get("read") != digest(form):
            return CHANGED
        return "" if board.selected() else NONE_SELECTED

    def save(self, form: PasteForm, board: Board) -> HttpResponse:
        rows, at = [row.new_item(form.shared()) for row in board.selected()], timezone.now()
        identified = intake.identify(rows, case=self.case, by=person(self.request), at=at, duplicates="keep")
        tell(self.request, identified, [row.candidate.line for row in board.selected()])
        if not identified.items:
            return HttpResponseRedirect(self.back())
        saved = reverse("casework:paste_saved", args=[self.case.reference])
        return HttpResponseRedirect(f"{saved}?{urlencode({'at': at.isoformat()})}")

    def show(
        self, form: Any, board: Board | None, *, action: str = "", value: str = "", problem: str = ""
    ) -> HttpResponse:
        """The page, or the preview alone; nothing is saved yet."""
        if board:
            board.lay_out(action, value)
        context = self.get_context_data(
            form=form,
            board=board,
            digest=digest(form) if board else "",
            problem=problem,
            languages=dict(LANGUAGES),
        )
        failed = problem or form.errors
        status = HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
        whole = "fragment" not in self.request.POST
        template = self.template_name if whole else "casework/paste_read.html"
        return self.response_class(self.request, template, context, status=status)


def digest(form: PasteForm) -> str:
    """Of the text as it was read, so that a person saves what he or she has seen."""
    return hashlib.sha256("\n".join(form.cleaned_data["text"].splitlines()).encode()).hexdigest()


def tell(request: HttpRequest, identified: intake.Identified, lines: Sequence[int]) -> None:
    """Say how many were saved and, line by line, which were not and why."""
    count = len(identified.items)
    if count:
        messages.success(
            request, f"{count} item{' is' if count == 1 else 's are'} saved and waiting for assessment."
        )
    if identified.duplicates:
        messages.info(request, f"{len(identified.duplicates)} already in this case, so not saved again.")
    for error in identified.refused[:20]:
        messages.error(request, f"Line {lines[error.row - 1]}: {error.message}")


@allow(Permission.IDENTIFY_ITEM)
class PasteSaved(TemplateView):
    """What one paste of this person's brought into the case: `at` is when."""

    http_method_names = ["get", "head", "options"]
    template_name = "casework/paste_saved.html"
    request: HttpRequest

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        case, by = visible_case(self.request, self.kwargs["reference"]), person(self.request)
        at = moment(self.request.GET.get("at", ""))
        items = Item.objects.visible_to(by).filter(case=case, identified_by=by, identified_at=at)
        counts = Counter(dict(items.values_list("platform__name").annotate(Count("pk")).order_by()))
        rows = items.select_related("platform").order_by("pk")
        return super().get_context_data(
            case=case,
            crumbs=[("Cases", reverse("casework:case_list")), (case.reference, case_url(case))],
            count=counts.total(),
            items=rows[:MOST_LISTED],
            by_platform=counts.most_common(),
            **more,
        )


def moment(text: str) -> datetime | None:
    """A time out of an address, or None."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and timezone.is_aware(at) else None
