"""Forms about cases and items; none of them saves. Their fields carry the names of the verbs' arguments."""

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.fields import LongTextField, MomentField
from accounts.models import User
from casework import pasting
from casework.cases import REFERENCE
from casework.models import (
    Category,
    Cause,
    Confidence,
    EvidenceKind,
    Ground,
    Item,
    Kind,
    NotActionable,
    ProtectedSpeech,
    Verdict,
)
from platforms.models import Platform, PolicyClause, Severity

LANGUAGES = [
    ("", "Not known"),
    ("sq", "Albanian"),
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("zh", "Chinese"),
    ("en", "English"),
    ("fr", "French"),
    ("hi", "Hindi"),
    ("ku", "Kurdish (Kurmanji)"),
    ("ckb", "Kurdish (Sorani)"),
    ("ps", "Pashto"),
    ("fa", "Persian, Dari"),
    ("pa", "Punjabi"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("so", "Somali"),
    ("es", "Spanish"),
    ("ti", "Tigrinya"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
]
PRIORITIES = [(1, "1 – most urgent"), (2, "2"), (3, "3 – usual"), (4, "4"), (5, "5 – least urgent")]


class CategoryField(forms.ModelChoiceField):
    """The tree in one list, each branch under its parent's name."""

    def __init__(self, **kwargs: Any) -> None:
        branch = Coalesce("parent__name", "name")
        tree = (
            Category.objects.filter(is_active=True)
            .select_related("parent")
            .order_by(branch, "parent_id", "name")
        )
        super().__init__(tree, to_field_name="slug", **{"empty_label": "Choose a category", **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.name}: {obj.name}" if obj.parent else str(obj.name)


class CorrectionForm(forms.Form):
    """What is known of an item, as far as it is open to correction, and why it is corrected."""

    kind = forms.ChoiceField(choices=Kind.choices)
    category = CategoryField(required=False, empty_label="Not decided yet")
    language = forms.ChoiceField(label="Language of the content", required=False)
    title = forms.CharField(max_length=300, required=False)
    owner = forms.CharField(max_length=300, required=False, label="Account that published it")
    found_at = MomentField(label="First seen", widget=forms.DateTimeInput, help_text="Europe/London.")
    source = forms.CharField(max_length=120, required=False, help_text="Where the report came from.")
    priority = forms.TypedChoiceField(choices=PRIORITIES, coerce=int)
    note = LongTextField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Internal note",
        help_text="Never enters a letter.",
    )
    reason = LongTextField(
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why it is corrected",
        help_text="It stays in the history, beside the old and the new values.",
    )
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, item: Item, correctable: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() - set(correctable) - {"reason", "seen"}:
            del self.fields[name]
        if "language" in self.fields:
            kept = [] if item.language in dict(LANGUAGES) else [(item.language, item.language)]
            self.fields["language"].choices = [*LANGUAGES, *kept]  # type: ignore[attr-defined]

    def corrected(self) -> dict[str, Any]:
        """The values that the person has changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name not in {"reason", "seen"}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.corrected():
            raise forms.ValidationError("Nothing is changed yet: correct at least one field.")
        return cleaned


class ReasonForm(forms.Form):
    reason = LongTextField(widget=forms.Textarea(attrs={"rows": 4}), help_text="It stays in the history.")


class AliasForm(forms.Form):
    address = forms.CharField(
        max_length=10_000,
        label="It leads to",
        help_text="The address after all redirects, as the browser shows it.",
    )
    evidence = LongTextField(
        label="How you found out",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: opened signed out from London; the browser ended there.",
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in."""


class CaseForm(forms.Form):
    reference = forms.CharField(
        max_length=40,
        help_text="For example OP-2026-014. It cannot be changed later.",
        validators=[REFERENCE],
    )
    title = forms.CharField(max_length=200)
    description = LongTextField(required=False, widget=forms.Textarea(attrs={"rows": 4}))


class SharedFields(forms.Form):
    """What is said once for all items that come in together."""

    category = CategoryField(required=False, empty_label="Not decided yet")
    language = forms.ChoiceField(label="Language of the content", choices=LANGUAGES, required=False)
    priority = forms.TypedChoiceField(choices=PRIORITIES, coerce=int, initial=3)
    source = forms.CharField(max_length=120, required=False, help_text="Where these came from.")
    note = LongTextField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Internal note",
        help_text="Never enters a letter.",
    )

    field_order: ClassVar = None

    def shared(self) -> dict[str, Any]:
        """The fields of `casework.intake.NewItem` that all items get."""
        category = self.cleaned_data["category"]
        names = ("language", "priority", "source", "note")
        return {
            "category": category.slug if category else "",
            **{name: self.cleaned_data[name] for name in names},
        }


class PasteForm(SharedFields):
    """`pieces` holds what stands in the text, once it is valid."""

    text = LongTextField(
        max_length=pasting.MOST_CHARACTERS,
        label="Addresses",
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="Paste anything: a list, a message, a chat; defanged addresses are read too. Nothing is opened. At "
        f"most {pasting.MOST_LINES:,} lines and {pasting.MOST_CHARACTERS:,} characters; import a file for more.",
    )

    field_order: ClassVar = ["text", "category", "language", "priority", "source", "note"]
    pieces: tuple[pasting.Piece, ...] = ()

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        try:
            self.pieces = tuple(pasting.read(text))
        except pasting.TooMuch as problem:
            raise forms.ValidationError(str(problem)) from problem
        return text


class PastedRowForm(forms.Form):
    """What a person corrects on one row of a paste; what is left alone stays as read, or as said for all."""

    kind = forms.ChoiceField(choices=[("", "As read"), *Kind.choices], required=False)
    platform = forms.ModelChoiceField(
        Platform.objects.order_by("name"), to_field_name="slug", empty_label="As read", required=False
    )
    category = CategoryField(required=False, empty_label="As for all")
    language = forms.ChoiceField(choices=[("", "As for all"), *LANGUAGES[1:]], required=False)

    def __init__(self, *args: Any, has_platform: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_platform:
            del self.fields["platform"]

    def own(self) -> dict[str, str]:
        """The values given, as slugs; one that is not on offer is left out."""
        self.is_valid()
        given = {name: getattr(value, "slug", value) for name, value in self.cleaned_data.items()}
        return {name: value for name, value in given.items() if value}


class ImportForm(forms.Form):
    file = forms.FileField(
        help_text="CSV, XLSX, ODS, or plain text with one address a line. Only the column “address” is required."
    )
    dry_run = forms.BooleanField(
        label="Try it first: show what would happen, store nothing", required=False, initial=True
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {settings.IMPORT_MAX_BYTES // 1024**2} MB; divide it."
            )
        return file


class AssessmentForm(forms.Form):
    category = CategoryField()
    ground = forms.ModelChoiceField(
        Ground.objects.filter(is_active=True), to_field_name="slug", empty_label="Choose a ground",
        help_text="The law or the platform's own rule that the letter names.",
    )  # fmt: skip
    policy_clause = forms.ModelChoiceField(
        PolicyClause.objects.none(),
        required=False,
        empty_label="None",
        help_text="A rule of the platform to cite.",
    )
    rationale = LongTextField(
        widget=forms.Textarea(attrs={"rows": 5}), help_text="Why it should go. The platform reads this."
    )
    severity = forms.ChoiceField(choices=Severity.choices, widget=forms.RadioSelect)
    threat_to_life = forms.BooleanField(
        required=False, label="Threat to life", help_text="Somebody may die or be badly hurt if it stays up."
    )
    protected_speech = forms.ChoiceField(
        label="Is it journalism, research or a victim's own account?",
        choices=ProtectedSpeech.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, platform: Platform | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if platform is None:
            del self.fields["policy_clause"]
        else:
            self.fields["policy_clause"].queryset = PolicyClause.objects.filter(platform=platform).valid_on(
                timezone.localdate()
            )  # type: ignore[attr-defined]


class RejectForm(ReasonForm):
    as_ = forms.ChoiceField(label="Why it is not for a notice", choices=NotActionable.choices)

    field_order: ClassVar = ["as_", "reason"]


class HoldForm(ReasonForm):
    authority = forms.CharField(max_length=200, label="Who asks for it")
    review_at = MomentField(
        label="Look at it again on", widget=forms.DateTimeInput, help_text="A hold never ends by itself."
    )

    field_order: ClassVar = ["authority", "reason", "review_at"]


class DuplicateForm(forms.Form):
    """`of` becomes the surviving item, looked up among those that the person may see."""

    of = forms.CharField(
        label="Reference of the item that stays", max_length=20, help_text="Like 2026-000123."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_of(self) -> Item:
        reference = str(self.cleaned_data["of"]).strip()
        item = Item.objects.visible_to(self.person).filter(reference=reference).first()
        if item is None:
            raise forms.ValidationError("There is no item with this reference. Check it and try again.")
        return item


class EvidenceForm(forms.Form):
    file = forms.FileField(
        allow_empty_file=True,  # the verb says so, with its limits
        help_text="A screenshot is a PNG, JPEG or WebP picture; a capture or a document may be any file. "
        "It is kept as it is and never changed.",
    )
    kind = forms.ChoiceField(choices=EvidenceKind.choices)
    description = forms.CharField(max_length=300, required=False, help_text="What it shows.")
    captured_at = MomentField(
        required=False,
        label="Captured",
        widget=forms.DateTimeInput,
        help_text="If not just now. Europe/London.",
    )


class HandOverForm(forms.Form):
    recipient = forms.CharField(
        max_length=200,
        label="To whom",
        help_text="The person and the body, for example a court or a police force.",
    )
    reason = forms.CharField(
        max_length=2000, label="Why", widget=forms.Textarea, help_text="Kept in the history, with your name."
    )


class CheckForm(forms.Form):
    """One look; with `with_file=False` for many items at once, which share no screenshot."""

    verdict = forms.ChoiceField(label="What you see", choices=Verdict.choices, widget=forms.RadioSelect)
    cause = forms.ChoiceField(
        label="If it is gone: what the page says",
        choices=[("", "Nothing, or it is not gone"), *Cause.choices],
        required=False,
    )
    screenshot = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="PNG, JPEG or WebP. With it, one look of yours confirms a removal; without, two are needed.",
    )
    marker = forms.CharField(
        max_length=300,
        required=False,
        label="What on the page showed it",
        help_text="Its words, as they stand there.",
    )
    note = LongTextField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    at = MomentField(
        required=False,
        label="When you looked",
        widget=forms.DateTimeInput,
        help_text="If not just now. Europe/London.",
    )
    vantage = forms.CharField(
        label="Looked from", initial="GB", min_length=2, max_length=2, help_text="Two letters of the country."
    )
    logged_in = forms.BooleanField(required=False, label="Looked while signed in to the platform")
    confidence = forms.ChoiceField(choices=Confidence.choices, initial=Confidence.HIGH)

    def __init__(self, *args: Any, with_file: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_file:
            del self.fields["screenshot"]

    def clean_vantage(self) -> str:
        return str(self.cleaned_data["vantage"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        gone = cleaned.get("verdict") in {Verdict.GONE, Verdict.ACCOUNT_GONE}
        if gone and not cleaned.get("cause"):
            self.add_error("cause", "Say what the page states, or “Not stated”.")
        if not gone:
            cleaned["cause"] = ""
        return cleaned
