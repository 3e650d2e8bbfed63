"""Forms about mail that came in; none of them saves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.fields import LongTextField, MomentField
from accounts.models import User
from casework.models import Claim
from notices.answer_rules import TERRITORIAL
from notices.answers import Given
from notices.forms import COUNTRY
from notices.incoming.suggesting import Suggested, Suggestion
from notices.models import Line, Notice, RefusalCode


class AttachForm(forms.Form):
    """Which notice a message belongs to."""

    notice = forms.CharField(
        max_length=20, label="Reference of the notice", help_text="For example N2026-000123."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_notice(self) -> Notice:
        sent = Notice.objects.visible_to(self.person).filter(sent_at__isnull=False)
        named = sent.filter(reference=str(self.cleaned_data["notice"]).strip().upper())
        if (found := named.select_related("platform").first()) is None:
            raise forms.ValidationError("No notice of this reference has been sent.")
        return found


class ReceiptOfMailForm(forms.Form):
    platform_reference = forms.CharField(
        max_length=120, required=False, label="The platform's own reference", help_text="If it has given one."
    )
    expected_at = MomentField(
        required=False,
        label="When the answer can be expected",
        widget=forms.DateTimeInput,
        help_text="If it says so. Europe/London.",
    )


class QuestionOfMailForm(forms.Form):
    reason = LongTextField(
        label="What the platform asks",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The platform's liaisons see it beside your reply.",
    )


@dataclass(frozen=True)
class LineFields:
    """A line with what the message seems to say of it, and the fields in which a person says so."""

    line: Line
    suggested: Suggested | None
    fields: Sequence[forms.BoundField]


class MailAnswersForm(forms.Form):
    """What the message answers, line by line; filled with what was read in it."""

    territories = forms.CharField(
        max_length=1_000,
        required=False,
        label="Where, if access was restricted and not everywhere",
        help_text="Two letters of each country, for example GB, FR.",
    )
    platform_reference = forms.CharField(max_length=120, required=False, label="The platform's own reference")

    def __init__(self, *args: Any, lines: Sequence[Line], suggestion: Suggestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.suggestion = lines, suggestion
        self.fields["platform_reference"].initial = suggestion.platform_reference
        for line in lines:
            self.fields |= _fields_of(line, suggestion.lines.get(line.position))

    def rows(self) -> list[LineFields]:
        """Each line with its fields."""
        return [
            LineFields(
                line,
                self.suggestion.lines.get(line.position),
                [self[f"{name}_{line.position}"] for name in ("answer", "refusal", "effective")],
            )
            for line in self.lines
        ]

    def clean_territories(self) -> tuple[str, ...]:
        codes = [code for code in re.split(r"[\s,;]+", str(self.cleaned_data["territories"]).upper()) if code]
        if wrong := [code for code in codes if not COUNTRY.match(code)]:
            raise forms.ValidationError(f"Use two letters for each country; not {', '.join(wrong)}.")
        return tuple(codes)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for line in self.lines:
            answer, code = cleaned.get(f"answer_{line.position}"), cleaned.get(f"refusal_{line.position}")
            if answer == Claim.REFUSED and not code:
                self.add_error(f"refusal_{line.position}", "Say why it is refused.")
            if answer != Claim.REFUSED and code:
                self.add_error(f"refusal_{line.position}", "Only a refusal has a reason.")
        if not any(cleaned.get(f"answer_{line.position}") for line in self.lines):
            self.add_error(None, "Choose the answer to at least one line.")
        return cleaned

    def given(self) -> Mapping[int, Given]:
        """What was entered, by the keys of the lines, once it is valid."""
        said = self.cleaned_data
        return {line.pk: self._given(line, said) for line in self.lines if said[f"answer_{line.position}"]}

    def _given(self, line: Line, said: Mapping[str, Any]) -> Given:
        answer = said[f"answer_{line.position}"]
        return Given(
            answer=answer,
            refusal_code=said[f"refusal_{line.position}"],
            effective_at=said[f"effective_{line.position}"],
            territories=said["territories"] if answer in TERRITORIAL else (),
            platform_reference=said["platform_reference"],
        )


def _fields_of(line: Line, suggested: Suggested | None) -> dict[str, forms.Field]:
    number = line.position
    return {
        f"answer_{number}": forms.ChoiceField(
            choices=[("", "Says nothing"), *Claim.choices], required=False, label="Answer",
            initial=suggested.answer if suggested else "",
        ),
        f"refusal_{number}": forms.ChoiceField(
            choices=[("", "Not a refusal"), *RefusalCode.choices], required=False, label="If refused: why",
            initial=suggested.refusal_code if suggested else "",
        ),
        f"effective_{number}": MomentField(
            required=False, label="When it took effect", widget=forms.DateTimeInput,
            initial=suggested.effective_at if suggested else None,
        ),
    }  # fmt: skip
