"""Forms about checkers; none of them saves."""

from typing import Any

from django import forms

from casework.models import Checker
from casework.models.checking import COUNTRY


class CheckerForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="For example “London 1”.")
    country = forms.CharField(
        max_length=2, validators=[COUNTRY], label="Country that it looks from", initial="GB",
        help_text="Two letters, for example GB.",
    )  # fmt: skip
    logged_in = forms.BooleanField(label="It is signed in to the platforms", required=False)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Checker.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a checker of this name: choose another.")
        return name


class NoteReadForm(forms.Form):
    """To turn visits on, the note must have been read; to turn them off, nothing is asked."""

    read = forms.BooleanField(label="I have read this, and my organisation agrees", error_messages={
        "required": "Say that you have read the note."
    })  # fmt: skip

    def __init__(self, *args: Any, is_on: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_on:
            del self.fields["read"]
