"""One page with every component, for the browser tests of how pages look and behave."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from accounts.templatetags.desk import COLOURS

SOURCE = Path(__file__).with_suffix(".html")
AT = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
ROWS = [f"2026-{number:06d}" for number in range(1, 9)]


class Filter(forms.Form):
    q = forms.CharField(label="Search", required=False)
    since = forms.DateField(label="Found since", required=False)


class Form(forms.Form):
    address = forms.URLField(help_text="As reported.", assume_scheme="https")
    rationale = forms.CharField(widget=forms.Textarea)
    severity = forms.ChoiceField(widget=forms.RadioSelect, choices=[("low", "Low"), ("high", "High")])
    looked_for = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        choices=[("Public interest", [("j", "Journalism")]), ("v", "Victim")],
    )
    threat = forms.BooleanField(required=False)
    found_at = forms.SplitDateTimeField()
    file = forms.FileField(required=False)


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """With `?wrong` the form has errors, with `?busy` the page waits for something."""
    shown = {
        "user": SimpleNamespace(is_authenticated=True, name="An officer", get_role_display="Officer"),
        "navigation": [("To assess", "/", 128, True), ("Figures", "/", None, False)],
        "messages": [
            SimpleNamespace(level_tag=level, message="Done.") for level in ("success", "error", "info")
        ],
        "crumbs": [("My work", "/")],
        "tabs": [("All", "/", 1218, True), ("Overdue", "/", 0, False), ("History", "/", None, False)],
        "actions": [("Approve", "/", ""), ("Ask", "/", "secondary"), ("Close", "/", "warning")],
        "verbs": [("claim", "Claim"), ("approve", "Approve")],
        "address": "https://www.facebook.com/groups/488812340998123/posts/99123456789012\u202e34?__cft__=AZXkksj",
        "rows": ROWS,
        "colours": COLOURS,
        "page": Paginator(range(1218), 50).page(5),
        "figure": {"numerator": 578, "denominator": 1218, "rate": 578 / 1218, "interval": [0.447, 0.503]},
        "exhibit": {"pk": 1, "filename": "a.png", "captured_at": AT, "size": 9, "sha256": "9f" * 32},
        "at": AT,
        "late": AT - timedelta(days=3),
        "filter": Filter(request.GET),
        "form": Form({} if "wrong" in request.GET else None),
        "refresh_seconds": 1 if "busy" in request.GET else None,
    }
    return HttpResponse(engines["django"].from_string(SOURCE.read_text()).render(shown, request))


urlpatterns = [path("", gallery, name="home"), path("accounts/", include("accounts.urls"))]
