"""Forms about people and their tokens; none of them saves."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password

from accounts.models import User
from accounts.roles import GRANTS, PERSONS, Permission, Role

LONGEST_PASSWORD = 1_000


class SignInForm(AuthenticationForm):
    password = forms.CharField(
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages: ClassVar = {
        "invalid_login": "Check the e-mail address and the password; one of them is not right.",
        "inactive": "This account is switched off. Ask an administrator.",
    }

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class PersonForm(forms.Form):
    email = forms.EmailField(label="E-mail address", max_length=254)
    name = forms.CharField(max_length=120, help_text="As it stands in the history of everything they do.")
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in PERSONS])
    password = forms.CharField(
        label="First password",
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Hand it over in person; they change it after signing in.",
    )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("Somebody has this e-mail address already.")
        return email

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class PersonChangeForm(forms.Form):
    name = forms.CharField(max_length=120)
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in PERSONS])
    is_active = forms.BooleanField(label="May sign in", required=False)


class TokenForm(forms.Form):
    """Asks only for scopes that the person's role grants."""

    name = forms.CharField(max_length=80, help_text="What uses it, for example “intake feed”.")
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, help_text="What it may do.")
    days = forms.IntegerField(
        label="Days until it runs out", min_value=1, max_value=3650, initial=365, help_text="Up to ten years."
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        granted = GRANTS[Role(user.role)]
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, scope.value.replace("_", " ").capitalize())
            for scope in Permission
            if scope in granted
        ]

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
