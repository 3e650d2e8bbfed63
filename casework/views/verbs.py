"""The pages that change one item."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, HttpResponse

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import assessment, checks, correction, duplicates, evidence, handing_over, holds, signing
from casework.forms import (
    AssessmentForm,
    CheckForm,
    CorrectionForm,
    DuplicateForm,
    EvidenceForm,
    HandOverForm,
    HoldForm,
    RejectForm,
)
from casework.lifecycle import LIFECYCLE, move
from casework.models import Evidence
from casework.versions import version
from casework.views.edges import Guarded, ItemForm, ItemPage
from casework.views.lifecycles import PlainVerb, VerbConverter, plain

PLAIN = plain(LIFECYCLE)
# Verbs of the table that do more than move the status.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "approve": lambda item, reason, by: assessment.approve(item, by=by),
    "release": lambda item, reason, by: holds.release(item, reason=reason, by=by),
    "undo_duplicate": lambda item, reason, by: duplicates.undo_duplicate(item, by=by),
}


class ItemVerbConverter(VerbConverter):
    regex = "|".join(row.verb for row in PLAIN)


@allow(*{row.permission for row in PLAIN if row.permission})
class ItemVerb(Guarded, PlainVerb, ItemPage):
    lifecycle = LIFECYCLE

    def act(self, form: Any) -> str:
        verb, reason = self.transition.verb, form.cleaned_data.get("reason", "")
        if verb in FUNCTIONS:
            FUNCTIONS[verb](self.item, reason, person(self.request))
        else:
            move(self.item, verb, by=person(self.request), reason=reason)
        return f"{self.item.reference}: {self.transition.done.replace('_', ' ')}."


@allow(Permission.ASSESS_ITEM)
class Assess(Guarded, ItemForm):
    form_class = AssessmentForm
    title = "Assess"
    button = "Save the assessment"
    done = "The assessment is saved. Another reviewer approves it."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "platform": self.item.platform}

    def get_initial(self) -> dict[str, Any]:
        last = self.item.assessments.select_related("category", "ground").first()
        if last is None:
            return {"category": self.item.category.slug if self.item.category else None}
        kept = ("rationale", "severity", "threat_to_life", "protected_speech")
        said = {name: getattr(last, name) for name in kept}
        return {
            **said,
            "category": last.category.slug,
            "ground": last.ground.slug,
            "policy_clause": last.policy_clause_id,
        }

    def act(self, form: Any) -> None:
        assessment.assess(self.item, **form.cleaned_data, by=person(self.request))


@allow(Permission.IDENTIFY_ITEM, Permission.ASSESS_ITEM)
class Correct(ItemForm):
    form_class = CorrectionForm
    title = "Correct the item"
    button = "Save the correction"
    done = "Corrected; the history keeps what it was before."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "item": self.item,
            "correctable": correction.correctable(self.item),
        }

    def get_initial(self) -> dict[str, Any]:
        held = {name: getattr(self.item, name) for name in correction.CORRECTABLE}
        category = self.item.category.slug if self.item.category else None
        return {**held, "category": category, "seen": version(self.item)}

    def act(self, form: Any) -> None:
        said = form.cleaned_data
        correction.correct(
            self.item, **form.corrected(), reason=said["reason"], seen=said["seen"], by=person(self.request)
        )


@allow(Permission.CHECK_ITEM)
class RecordCheck(ItemForm):
    form_class = CheckForm
    title = "Record a check"
    button = "Save the check"

    def act(self, form: Any) -> str:
        seen = dict(form.cleaned_data)
        screenshot, by = seen.pop("screenshot", None), person(self.request)
        with transaction.atomic():
            exhibit = self.keep(screenshot, dict(form.fields["verdict"].choices)[seen["verdict"]], seen["at"])
            check = checks.record(self.item, **seen, exhibit=exhibit, by=by)
        self.item.refresh_from_db()
        status = self.item.get_status_display().lower()
        return f"Check saved: {check.get_verdict_display()}. {self.item.reference} is {status}."

    def keep(self, screenshot: Any, verdict: str, at: datetime | None) -> Evidence | None:
        """Raises `ValidationError` for the field of this form, should the file be none to keep."""
        if screenshot is None:
            return None
        wanted = {"description": f"Check: {verdict}", "captured_at": at, "by": person(self.request)}
        try:
            return evidence.attach(self.item, content=screenshot, filename=screenshot.name, **wanted)
        except ValidationError as error:
            if "file" not in error.error_dict:
                raise
            raise ValidationError({"screenshot": error.error_dict["file"]}) from error


@allow(Permission.ATTACH_EVIDENCE)
class AttachEvidence(ItemForm):
    form_class = EvidenceForm
    title = "Add an exhibit"
    button = "Add the exhibit"
    done = "The exhibit is kept under its SHA-256."

    def act(self, form: Any) -> None:
        wanted = dict(form.cleaned_data)
        file = wanted.pop("file")
        evidence.attach(
            self.item,
            content=file,
            filename=file.name,
            media_type=file.content_type or "",
            **wanted,
            by=person(self.request),
        )


@allow(Permission.DISCLOSE_EVIDENCE)
class HandOver(ItemForm):
    """A valid form is answered with the archive itself."""

    form_class = HandOverForm
    title = "Hand exhibits over"
    button = "Make the archive"

    def form_valid(self, form: Any) -> HttpResponse | FileResponse:
        try:
            handed = handing_over.hand_over(self.item, **form.cleaned_data, by=person(self.request))
        except (ValidationError, signing.NoKey) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
            return self.form_invalid(form)
        return FileResponse(handed.file, as_attachment=True, filename=handed.filename)


@allow(Permission.HOLD_ITEM)
class PlaceHold(Guarded, ItemForm):
    form_class = HoldForm
    title = "Put on hold"
    button = "Put on hold"
    done = "The item is on hold; no notice about it can leave."

    def act(self, form: Any) -> None:
        holds.place(self.item, **form.cleaned_data, by=person(self.request))


@allow(Permission.ASSESS_ITEM)
class Reject(Guarded, ItemForm):
    form_class = RejectForm
    title = "Not actionable"
    button = "Set aside"
    done = "The item is set aside as not actionable."
    verb: ClassVar[Callable[..., Any]] = staticmethod(assessment.reject)

    def act(self, form: Any) -> None:
        self.verb(self.item, **form.cleaned_data, by=person(self.request))


@allow(Permission.APPROVE_ITEM)
class Revoke(Reject):
    title = "Revoke the approval"
    button = "Revoke"
    warning = True
    done = "The approval is revoked."
    verb = staticmethod(assessment.revoke)


@allow(Permission.ASSESS_ITEM)
class MarkDuplicate(Guarded, ItemForm):
    form_class = DuplicateForm
    title = "Mark as duplicate"
    button = "Mark as duplicate"
    done = "The item is a duplicate now; its notices and checks stay readable."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": person(self.request)}

    def act(self, form: Any) -> None:
        duplicates.mark_duplicate(self.item, of=form.cleaned_data["of"], by=person(self.request))
