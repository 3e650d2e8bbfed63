"""The pages of letters: what there is, one version with its history, a new one, and putting it into force."""

from difflib import SequenceMatcher
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import Crumbs, blame, person
from accounts.roles import Permission
from casework.forms import ReasonForm
from casework.views.edges import EdgePage
from notices import tryout, versions
from notices.letter_forms import ApprovalForm, LetterForm, LetterKeyForm, LetterStartForm
from notices.models import LetterVersion
from notices.typesetting import PrintingNotPossible
from notices.wording import LINE_PLACEHOLDERS, PLACEHOLDERS
from platforms.models import Language

READERS = (Permission.SEE_CASEWORK, Permission.WRITE_LETTERS)
CONTEXT = 2  # lines shown beside what has changed
GAP = "⋯"
Row = tuple[str, str]  # "", "ins", "del" or "gap", and the text


@allow(*READERS)
@require_safe
def letter_list(request: HttpRequest) -> HttpResponse:
    """Each letter of a language once: its version in force, and what waits for approval."""
    asked = request.GET.get("language", "")
    language = asked if asked in Language.values else Language.ENGLISH.value
    visible = LetterVersion.objects.visible_to(person(request))
    rows = visible.filter(language=language).select_related("platform")
    grounds = versions.letters_there_can_be()
    in_force = {row.pk for row in visible.in_force(timezone.now())}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:  # the newest of each letter first
        key = (row.kind, row.letter, row.platform_id)
        shown = found.setdefault(
            key, {"newest": row, "in_force": None, "ground": grounds.get(row.letter, row.letter)}
        )
        if row.pk in in_force:
            shown["in_force"] = row
    address = reverse("notices:letter_list")
    tabs = [(label, f"{address}?language={code}", None, code == language) for code, label in Language.choices]
    context = {"rows": found.values(), "tabs": tabs, "may_write": _may_write(request)}
    return render(request, "notices/letter_list.html", context)


@allow(*READERS)
class LetterDetail(DetailView):
    """One version: its text, what is new in it, and all versions of the letter."""

    template_name = "notices/letter_detail.html"

    def get_queryset(self) -> QuerySet:
        rows = LetterVersion.objects.visible_to(person(self.request))
        return rows.select_related("platform", "written_by", "approved_by", "retired_by")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        version, may_write = self.object, _may_write(self.request)
        history = list(self.get_queryset().of(version))
        earlier = self.compared(history)
        in_force = LetterVersion.objects.in_force(timezone.now()).filter(pk=version.pk).exists()
        return super().get_context_data(
            history=history,
            ground=versions.letters_there_can_be().get(version.letter, version.letter),
            earlier=earlier,
            changes=changes(earlier, version) if earlier else [],
            in_force=in_force,
            buttons=_buttons(version, in_force, self.request) if may_write else [],
            crumbs=_crumbs(),
            **more,
        )

    def compared(self, history: list[LetterVersion]) -> LetterVersion | None:
        """The version asked for by `?with=`, else the one before."""
        asked = self.request.GET.get("with", "")
        for each in history:
            if str(each.number) == asked and each.pk != self.object.pk:
                return each
        return next((each for each in history if each.number < self.object.number), None)


def changes(old: LetterVersion, new: LetterVersion) -> list[Row]:
    """The lines that differ, each with what stands around it."""
    before = [old.subject, *old.body.splitlines()]
    after = [new.subject, *new.body.splitlines()]
    rows: list[Row] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        if rows:
            rows.append(("gap", GAP))
        for what, first, last, start, end in group:
            if what == "equal":
                rows += [("", text) for text in before[first:last]]
            else:
                rows += [("del", text) for text in before[first:last]]
                rows += [("ins", text) for text in after[start:end]]
    return rows


class LetterPage(EdgePage):
    """A page about one version."""

    @property
    def version(self) -> LetterVersion:
        return cast(LetterVersion, self.subject)

    def get_subject(self) -> LetterVersion:
        rows = LetterVersion.objects.visible_to(person(self.request)).select_related("platform")
        return cast(LetterVersion, get_object_or_404(rows, pk=self.kwargs["pk"]))

    def back(self) -> str:
        return reverse("notices:letter_detail", args=[self.version.pk])

    def crumbs(self) -> Crumbs:
        return [*_crumbs(), (str(self.version), self.back())]


@allow(Permission.WRITE_LETTERS)
class LetterChange(LetterPage):
    """Write the next version of a letter, and try it first."""

    form_class = LetterForm
    template_name = "notices/letter_form.html"
    title = "Write the next version"
    button = "Save as a new version"
    done = "The version is saved. It is used when somebody else has approved it."
    made: LetterVersion | None = None

    def get_initial(self) -> dict[str, Any]:
        newest = LetterVersion.objects.of(self.version).first() or self.version
        return {"subject": newest.subject, "body": newest.body}

    def form_valid(self, form: Any) -> HttpResponse:
        step = self.request.POST.get("step", "")
        return self.tried(form, step) if step in {"preview", "pdf"} else super().form_valid(form)

    def tried(self, form: Any, step: str) -> HttpResponse:
        """The letter as it would read; nothing is saved."""
        draft = LetterVersion(
            **self.key(form), subject=form.cleaned_data["subject"], body=form.cleaned_data["body"]
        )
        try:
            versions.check(draft)
            letter = tryout.write(draft, form.cleaned_data["on"], by=person(self.request))
            if step == "pdf":
                return _pdf(tryout.pdf(draft, letter))
        except ValidationError as error:
            blame(form, error)
            return self.form_invalid(form)
        except PrintingNotPossible as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        context = self.get_context_data(form=form, letter=letter)
        return self.render_to_response(context, status=HTTPStatus.OK)

    def key(self, form: Any) -> dict[str, Any]:
        version = self.version
        return {name: getattr(version, name) for name in ("kind", "letter", "platform", "language")}

    def act(self, form: Any) -> None:
        said = {name: form.cleaned_data[name] for name in ("subject", "body", "note")}
        self.made = versions.write(**self.key(form), **said, by=person(self.request))

    def back(self) -> str:
        return reverse("notices:letter_detail", args=[(self.made or self.version).pk])

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{"placeholders": PLACEHOLDERS, "line_placeholders": LINE_PLACEHOLDERS, "letter": None, **more}
        )


@allow(Permission.WRITE_LETTERS)
class LetterNew(LetterChange):
    """A letter that there is not yet, for a ground or a platform; it begins as the one that would be taken."""

    form_class = LetterKeyForm
    title = "Write a new letter"

    def get_subject(self) -> None:  # type: ignore[override]
        return None

    def get_initial(self) -> dict[str, Any]:
        start = LetterStartForm(self.request.GET)
        if not start.is_valid():
            return {}
        key = start.cleaned_data
        try:
            best = versions.fitting(
                kind=key["kind"], letter=key["letter"], grounds=(), platform=key["platform"],
                language=key["language"], at=timezone.now(),
            )  # fmt: skip
        except versions.NoSuchLetter:
            return key
        return {**key, "subject": best.subject, "body": best.body}

    def key(self, form: Any) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in ("kind", "letter", "platform", "language")}

    def back(self) -> str:
        if self.made is None:
            return reverse("notices:letter_list")
        return reverse("notices:letter_detail", args=[self.made.pk])

    def crumbs(self) -> Crumbs:
        return _crumbs()

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        begun = bool(self.request.GET) or self.request.method == "POST"
        start = None if begun else LetterStartForm()
        return super().get_context_data(**{"start": start, **more})


@allow(Permission.WRITE_LETTERS)
class LetterApprove(LetterPage):
    form_class = ApprovalForm
    template_name = "notices/letter_approve.html"
    title = "Approve"
    button = "Approve this version"
    done = "The version is approved. Letters frozen from then on are made from it."

    def act(self, form: Any) -> None:
        versions.approve(self.version, **form.cleaned_data, by=person(self.request))


@allow(Permission.WRITE_LETTERS)
class LetterRetire(LetterPage):
    form_class = ReasonForm
    title = "Retire"
    button = "Retire this letter"
    done = "The letter is retired. The next less specific one is taken in its place."
    warning = True

    def act(self, form: Any) -> None:
        versions.retire(self.version, **form.cleaned_data, by=person(self.request))


def _buttons(version: LetterVersion, in_force: bool, request: HttpRequest) -> list[tuple[str, str, str]]:
    found = []
    if not versions.obstacle(version, person(request)):
        found.append(("Approve", reverse("notices:letter_approve", args=[version.pk]), ""))
    found.append(("Write the next version", reverse("notices:letter_change", args=[version.pk]), "secondary"))
    if in_force and not versions.is_last_resort(version):
        found.append(("Retire", reverse("notices:letter_retire", args=[version.pk]), "warning"))
    return found


def _may_write(request: HttpRequest) -> bool:
    return person(request).can(Permission.WRITE_LETTERS)


def _crumbs() -> Crumbs:
    return [("Letters", reverse("notices:letter_list"))]


def _pdf(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
