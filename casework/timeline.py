"""An event as a sentence, from `templates/events/<kind>.txt`."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from casework.models import Event


def sentence(event: Event) -> SafeString:
    """The event in words; names and reasons in it are escaped by the template."""
    text = render_to_string(f"events/{event.kind}.txt", {"event": event, "details": event.details})
    return mark_safe(text.strip())  # noqa: S308 - rendered with escaping; only the outer white space is taken off
