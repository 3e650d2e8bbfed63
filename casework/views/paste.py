"""The paste box: read what was pasted, show all of it, and save what the person chose."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import intake
from casework.forms import PasteForm, SharedFields
from casework.models import Kind
from casework.views.edges import CasePage


@allow(Permission.IDENTIFY_ITEM)
class Paste(CasePage):
    """Posted once with `text`, it shows what was read; posted again with `saving`, it saves the rows selected."""

    form_class = PasteForm
    template_name = "casework/paste.html"
    title = "Paste addresses"
    button = "Read the addresses"

    def form_valid(self, form: Any) -> HttpResponse:
        candidates = intake.preview(form.cleaned_data["text"], case=self.case, by=person(self.request))
        if not candidates:
            form.add_error("text", "No address was found in this text. Paste web addresses, one or many.")
            return self.form_invalid(form)
        return self.show(candidates, form.data)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.save() if "saving" in self.request.POST else super().post(*args, **kwargs)

    def save(self) -> HttpResponse:
        addresses, chosen = self.request.POST.getlist("address"), set(self.request.POST.getlist("selected"))
        form = SharedFields(self.request.POST)
        if not form.is_valid() or not chosen:
            candidates = intake.read_addresses(addresses, case=self.case, by=person(self.request))
            problem = "" if chosen else "Select at least one address to save."
            return self.show(candidates, self.request.POST, form=form, problem=problem)
        rows = [
            intake.NewItem(address=address, **form.shared())
            for number, address in enumerate(addresses, 1)
            if str(number) in chosen
        ]
        identified = intake.identify(rows, case=self.case, by=person(self.request), duplicates="keep")
        tell(self.request, identified)
        return HttpResponseRedirect(self.back())

    def show(
        self,
        candidates: Sequence[intake.Candidate],
        given: Any,
        *,
        form: SharedFields | None = None,
        problem: str = "",
    ) -> HttpResponse:
        """The table of what was read; nothing is saved yet."""
        chosen = given.getlist("selected") if "saving" in given else None
        rows = [_row(candidate, chosen) for candidate in candidates]
        context = self.get_context_data(
            form=form or SharedFields(initial={name: given.get(name) for name in SharedFields.base_fields}),
            rows=rows,
            problem=problem,
            known_count=sum(bool(row["known"]) for row in rows),
            unreadable_count=sum(bool(row["problem"]) for row in rows),
            saveable_count=sum(bool(row["saveable"]) for row in rows),
        )
        failed = problem or (form and form.errors)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
        return self.response_class(self.request, "casework/paste_preview.html", context, status=status)


def _row(candidate: intake.Candidate, chosen: Sequence[str] | None) -> dict[str, Any]:
    """What one line of the preview shows, and whether it is offered for saving."""
    twice, here = candidate.duplicate_in_paste, candidate.open_here
    saveable = not candidate.problem and not here and twice is None
    checked = saveable and (not candidate.known if chosen is None else str(candidate.row) in chosen)
    return {
        "candidate": candidate,
        "kind": Kind(candidate.kind).label if candidate.kind else "",
        "known": candidate.known,
        "here": here,
        "twice": twice,
        "problem": candidate.problem,
        "saveable": saveable,
        "checked": checked,
    }


def tell(request: Any, identified: intake.Identified) -> None:
    """Say how many were saved and, one by one, which were not and why."""
    count = len(identified.items)
    if count:
        messages.success(
            request, f"{count} item{' is' if count == 1 else 's are'} saved and waiting for assessment."
        )
    if identified.duplicates:
        messages.info(request, f"{len(identified.duplicates)} already in this case, so not saved again.")
    for error in identified.refused[:20]:
        messages.error(request, f"Row {error.row}: {error.message}")
