"""Forms about the wording of letters; none of them saves."""

from typing import Any

from django import forms

from accounts.fields import LongTextField, MomentField
from notices import versions
from notices.kinds import NoticeKind
from platforms.models import Language, Platform


class LetterForm(forms.Form):
    """The words of a letter; `on` names what they are tried on."""

    subject = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))
    body = LongTextField(
        widget=forms.Textarea(attrs={"rows": 26, "dir": "auto"}),
        help_text="Names that begin with “$” are filled in; they are explained below.",
    )
    note = forms.CharField(
        max_length=300,
        required=False,
        label="What is new",
        help_text="For whoever approves it, and for later.",
    )
    on = forms.CharField(
        max_length=500,
        required=False,
        label="Try it on",
        help_text="A notice, a case, or references of items. Empty: an invented item.",
    )


class LetterStartForm(forms.Form):
    """Which letter it is."""

    kind = forms.ChoiceField(choices=NoticeKind.choices, label="Kind of letter")
    letter = forms.ChoiceField(
        label="Ground",
        help_text="A ground's own letter goes before one that it shares with others.",
    )
    platform = forms.ModelChoiceField(
        Platform.objects.all(), required=False, to_field_name="slug", empty_label="Any platform"
    )
    language = forms.ChoiceField(choices=Language.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        letter: Any = self.fields["letter"]
        letter.choices = list(versions.letters_there_can_be().items())


class LetterKeyForm(LetterForm, LetterStartForm):
    """Both: a letter that there is not yet."""

    field_order = ("kind", "letter", "platform", "language", "subject", "body", "note", "on")


class ApprovalForm(forms.Form):
    in_force_from = MomentField(
        required=False,
        label="In force from",
        widget=forms.DateTimeInput,
        help_text="If not from now on. Europe/London.",
    )
