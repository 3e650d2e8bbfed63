"""An event as a sentence, from `templates/events/<kind>.txt`."""

from django.template import Context
from django.template.loader import get_template

from casework.correction import changes
from casework.models import Event


def sentence(event: Event) -> str:
    """The event in words, as plain text: a page escapes it where it shows it, the API gives it as it is."""
    template = get_template(f"events/{event.kind}.txt").template  # type: ignore[attr-defined] # Django's own engine
    context = Context({"event": event, "details": event.details, "changes": changes(event)}, autoescape=False)
    said: str = template.render(context)
    return said.strip()
