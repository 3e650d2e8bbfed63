"""An event as a sentence, from `templates/events/<kind>.txt`."""

from django.template import Context
from django.template.loader import get_template

from casework.models import Event


def sentence(event: Event) -> str:
    """The event in words, as plain text: a page escapes it where it shows it, the API gives it as it is."""
    template = get_template(f"events/{event.kind}.txt").template  # type: ignore[attr-defined] # Django's own engine
    said: str = template.render(Context({"event": event, "details": event.details}, autoescape=False))
    return said.strip()
