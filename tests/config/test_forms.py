from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import getmembers, isclass

import pytest
from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.forms import AuthenticationForm

import accounts.forms
import casework.forms
import notices.forms
import reports.forms
from config.forms import DeskRenderer


class Everything(forms.Form):
    address = forms.URLField(help_text="As reported.", assume_scheme="https")
    rationale = forms.CharField(widget=forms.Textarea, required=False)
    category = forms.ChoiceField(choices=[("a", "A")])
    severity = forms.ChoiceField(widget=forms.RadioSelect, choices=[("low", "Low"), ("high", "<High>")])
    looked_for = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[("v", "Victim")])
    threat = forms.BooleanField(required=False, help_text="Fast lane.")
    day = forms.DateField()
    found_at = forms.DateTimeField(initial=datetime(2026, 7, 1, 12, 30, tzinfo=UTC))
    apart = forms.SplitDateTimeField(required=False)
    file = forms.FileField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput)
    own_class = forms.CharField(widget=forms.TextInput(attrs={"class": "mine"}))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("address", '<input type="url" name="address"'),
        ("address", 'class="govuk-input"'),
        ("rationale", 'class="govuk-textarea"'),
        ("category", 'class="govuk-select"'),
        ("severity", '<div class="govuk-radios govuk-radios--small" id="id_severity">'),
        (
            "severity",
            '<label class="govuk-label govuk-radios__label" for="id_severity_1">&lt;High&gt;</label>',
        ),
        ("looked_for", 'class="govuk-checkboxes__input" type="checkbox" name="looked_for" value="v"'),
        ("threat", 'class="govuk-checkboxes__input"'),
        ("day", '<input type="date" name="day"'),
        ("found_at", 'type="datetime-local" name="found_at" value="2026-07-01T13:30:00"'),
        ("apart", 'type="date" name="apart_0"'),
        ("apart", 'aria-label="Time"'),
        ("file", 'class="govuk-file-upload"'),
        ("own_class", 'class="govuk-input mine"'),
    ],
)
def test_widgets_wear_the_design_system(name: str, part: str) -> None:
    assert part in str(Everything()[name])


def test_hidden_fields_wear_nothing() -> None:
    assert str(Everything()["secret"]) == '<input type="hidden" name="secret" id="id_secret">'


def test_a_picker_s_value_comes_back_as_the_time_it_was() -> None:
    form = Everything({"found_at": "2026-07-01T13:30"})
    form.is_valid()
    assert form.cleaned_data["found_at"] == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def test_wrong_fields_say_so_to_eye_and_ear() -> None:
    group = Everything({})["address"].as_field_group()
    assert "govuk-form-group--error" in group
    assert 'class="govuk-input govuk-input--error"' in group
    assert 'aria-invalid="true" aria-describedby="id_address_helptext id_address_error"' in group
    assert 'id="id_address_helptext">As reported.</div>' in group
    assert (
        '<div class="govuk-error-message" id="id_address_error"><span class="govuk-visually-hidden">Error:'
        in group
    )


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    group = Everything({})["severity"].as_field_group()
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_severity_error">' in group
    assert "<legend" in group
    assert "<label" in group.split("</legend>")[1]


def test_what_is_not_required_is_marked() -> None:
    assert "(optional)" in Everything()["rationale"].as_field_group()
    assert "(optional)" not in Everything()["address"].as_field_group()
    assert "(optional)" not in Everything()["threat"].as_field_group()


def test_every_label_belongs_to_its_control() -> None:
    page = str(Everything())
    for control in (
        "address",
        "rationale",
        "category",
        "severity_0",
        "looked_for_0",
        "threat",
        "day",
        "file",
    ):
        assert f'for="id_{control}"' in page
        assert f'id="id_{control}"' in page


def test_form_errors_and_hidden_fields_are_kept() -> None:
    form = Everything({})
    form.add_error(None, "The case is closed.")
    page = str(form)
    assert "The case is closed." in page
    assert 'type="hidden" name="secret"' in page


def test_formsets_bring_their_management_form() -> None:
    page = str(forms.formset_factory(Everything, extra=2)())
    assert 'name="form-TOTAL_FORMS"' in page
    assert page.count('class="desk-formset__one"') == 2
    assert 'id="id_form-1-address"' in page


def test_widgets_of_the_admin_site_keep_their_look() -> None:
    widget = AdminTextInputWidget().get_context("name", "", {})
    widget["widget"]["template_name"] = "admin/widgets/own.html"
    DeskRenderer().render("django/forms/widgets/text.html", widget)
    assert widget["widget"]["attrs"]["class"] == "vTextField"


def test_single_choices_can_be_laid_out_by_hand() -> None:
    first = next(iter(Everything()["severity"].subwidgets))
    assert 'class="govuk-radios__input"' in str(first.tag())


def forms_of_ours() -> Iterator[type[forms.Form]]:
    for module in (accounts.forms, casework.forms, notices.forms, reports.forms):
        for _, each in getmembers(module, isclass):
            if issubclass(each, forms.Form) and each.__module__ == module.__name__:
                yield each


@pytest.mark.parametrize("form", [*forms_of_ours()])
def test_every_form_of_ours_holds_its_fields_to_the_limits(form: type[forms.Form]) -> None:
    """By `accounts.fields`: no text without an end, no day or time of any year."""
    of_django = AuthenticationForm.base_fields if issubclass(form, AuthenticationForm) else {}
    fields = [(name, each) for name, each in form.base_fields.items() if of_django.get(name) is not each]
    endless = [name for name, each in fields if isinstance(each, forms.CharField) and each.max_length is None]
    any_time = [name for name, each in fields if type(each) in {forms.DateTimeField, forms.DateField}]

    assert (endless, any_time) == ([], [])
