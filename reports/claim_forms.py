"""The claim check's fields, as page and API take them from an address."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.fields import DayField
from accounts.models import User
from casework.models import Category, Kind
from platforms.models import ChannelKind, Platform
from reports.claim_fields import SPELT, Claim
from reports.claim_words import LONGEST
from reports.claims import STATISTICS
from reports.facts import WINDOWS
from reports.models import Edition, EditionStatus, FrozenFigures
from reports.parameters import AddressForm
from reports.phrases import PHRASES
from reports.showing import WINDOW_NAMES

SPELLING = {name: spelt for spelt, name in SPELT.items()}


def names_here() -> dict[str, dict[str, str]]:
    """The names of this desk's platforms and categories, as words for their slugs."""
    return {
        "platforms": {name.lower(): slug for slug, name in Platform.objects.values_list("slug", "name")},
        "categories": {name.lower(): slug for slug, name in Category.objects.values_list("slug", "name")},
    }


class EditionField(forms.ModelChoiceField):
    """Whose figures answer: those of an edition that the person may see, or the records."""

    def __init__(self, **given: Any) -> None:
        super().__init__(
            Edition.objects.none(), label="Figures", required=False, to_field_name="reference",
            empty_label="The records as they are now", **given,
        )  # fmt: skip

    def label_from_instance(self, obj: Edition) -> str:
        return f"{obj}: {obj.title} ({obj.get_status_display().lower()})"


class AskedOf(AddressForm):
    """A form with an `edition`, for one person."""

    edition = EditionField()

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        frozen = FrozenFigures.objects.values("edition")
        field = self.fields["edition"]
        assert isinstance(field, EditionField)
        field.queryset = (
            Edition.objects.visible_to(person).filter(pk__in=frozen).exclude(status=EditionStatus.DISCARDED)
        )


class SentenceForm(AskedOf):
    sentence = forms.CharField(
        label="The sentence",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: over 90% of small-boat adverts on X were taken down within 24 hours of notice, notices"
        " of 2026 Q2, as at 28 July 2026.",
    )
    field_order = ("sentence", "edition")


class ClaimForm(AskedOf):
    """Each field of a claim; all may be empty."""

    phrase = forms.ChoiceField(
        required=False,
        choices=[("", "–"), *((slug, rule.words or "exactly") for slug, rule in PHRASES.items())],
    )
    value = forms.CharField(
        label="Number", required=False, max_length=40, help_text="90%, 1/3 or a count such as 10,700."
    )
    statistic = forms.ChoiceField(
        label="Of what", required=False,
        choices=[("", "–"), *((code, f"{code}: {words}") for code, words in STATISTICS.items())],
    )  # fmt: skip
    window = forms.ChoiceField(
        label="Within", required=False, choices=[("", "–"), *((name, WINDOW_NAMES[name]) for name in WINDOWS)]
    )
    platform = forms.ChoiceField(required=False)
    category = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False, choices=[("", "All"), *Kind.choices])
    channel = forms.ChoiceField(required=False, choices=[("", "All"), *ChannelKind.choices])
    first = DayField(label="Notified from", required=False)
    last = DayField(label="Notified to", required=False, help_text="Included.")
    as_at = forms.CharField(
        label="As at",
        required=False,
        max_length=40,
        help_text="A day such as 2026-07-28, or a time with its zone.",
    )
    earlier_first = DayField(label="Compared with, from", required=False)
    earlier_last = DayField(label="Compared with, to", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("platform", Platform), ("category", Category)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "All"), *model.objects.values_list("slug", "name")]

    def add_prefix(self, field_name: str) -> str:
        """In the address the days are called `from` and `to`."""
        return SPELLING.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        sent = super().clean()
        try:
            Claim.of({name: sent.get(name) for name in self.fields if name != "edition"})
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return sent

    def claim(self) -> Claim:
        """The claim of a valid form."""
        return Claim.of({name: value for name, value in self.cleaned_data.items() if name != "edition"})
