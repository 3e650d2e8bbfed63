"""Every form in the design system's clothes, so that a form class says nothing about how it looks."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

from accounts.fields import needs_offset

WIDGETS = "django/forms/widgets/"
# Widget template → class of its element. Whatever else has a type is an input.
CLASSES = {
    "textarea.html": "govuk-textarea",
    "select.html": "govuk-select",
    "file.html": "govuk-file-upload",
    "clearable_file_input.html": "govuk-file-upload",
    "checkbox.html": "govuk-checkboxes__input",
    "checkbox_option.html": "govuk-checkboxes__input",
    "radio_option.html": "govuk-radios__input",
    "hidden.html": "",
    "multiple_hidden.html": "",
    "multiwidget.html": "",
    "splitdatetime.html": "",
    "radio.html": "",
    "checkbox_select.html": "",
}
# Widget template → the kind of input that brings the browser's own picker.
PICKERS = {"date.html": "date", "datetime.html": "datetime-local", "time.html": "time"}
PARTS = {"date": "Date", "time": "Time", "datetime-local": "Date and time"}
CHOICES = {f"{WIDGETS}radio.html": "radios", f"{WIDGETS}checkbox_select.html": "checkboxes"}


class DeskRenderer(TemplatesSetting):
    """Renders forms, fields and widgets by templates/gds; leaves the admin site's own widgets as they are."""

    form_template_name = "gds/form.html"
    formset_template_name = "gds/formset.html"
    field_template_name = "gds/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if "widget" in context:
            dress(context["widget"])
        if template_name in CHOICES:
            template_name, context = "gds/choices.html", {**context, "look": CHOICES[template_name]}
        return super().render(template_name, context, request)


def dress(widget: dict[str, Any]) -> None:
    """Give a widget's context, and those of its parts, the class and the type of the design system."""
    for position, part in enumerate(widget.get("subwidgets", ())):
        dress(part)
        part["attrs"].setdefault("aria-label", PARTS.get(part.get("type"), f"Part {position + 1}"))
    if not widget["template_name"].startswith(WIDGETS):
        return
    template = widget["template_name"].removeprefix(WIDGETS)
    look = CLASSES.get(template, "govuk-input")
    attrs = widget["attrs"]
    if template in PICKERS and not needs_offset(widget["value"] or ""):
        widget["type"] = PICKERS[template]
        widget["value"] = widget["value"] and widget["value"].replace(" ", "T")
        look += " desk-input--picker"
    if look and attrs.get("aria-invalid"):
        look += f" {look.split()[0]}--error"
    if look:
        attrs["class"] = f"{look} {attrs.get('class', '')}".strip()
