"""The template tags of all pages: `{% load desk %}`. docs/pages.md shows each of them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context, Engine
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.showing import defang, defang_words, duration, is_unseen, named, percent, places_for, until

register = template.Library()

WITHHELD = "c"
NOTHING = "\N{EN DASH}"
WARN_WITHIN = timedelta(hours=24)
BREAK_AFTER = frozenset("/?&=#.,;:-_]")

# A status has one colour wherever it is shown. What is not named here is grey.
COLOURS = {
    "blue": "reported draft info_needed clarification more_information queued claimed perhaps_gone open",
    "purple": "in_assessment awaiting_approval acknowledged running",
    "teal": "approved notified sent handed_over part_answered received",
    "green": "watching answered gone account_gone removed published account_terminated account_suspended "
    "access_disabled already_gone not_found_by_platform changed done accepted met",
    "yellow": "on_hold restricted geo_blocked restricted_age restricted_geo restricted_reach labelled "
    "redirected_to_support preserved_only private login_required redirected",
    "orange": "no_response delivery_failed failed refused not_removed reinstated overdue bounced missed",
    "red": "live disputed reappeared threat_to_life critical",
}
_COLOUR_OF = {status: colour for colour, statuses in COLOURS.items() for status in statuses.split()}


@register.filter
def address(text: str | None) -> SafeString:
    """An address to read: defanged, never a link, with every unseen character named and places to break."""
    if not text:
        return SafeString(NOTHING)
    return format_html('<bdi class="desk-address" dir="ltr">{}</bdi>', _pieces(defang(text)))


@register.filter
def legible(text: str | None) -> SafeString:
    """A name to read, letter for letter, with every unseen character named."""
    return format_html("<bdi>{}</bdi>", _pieces(text)) if text else SafeString(NOTHING)


@register.filter
def defanged(text: str | None) -> str:
    """The same as plain text, as the copy button hands it on."""
    return defang(text or "")


@register.filter
def excerpt(text: str | None) -> SafeString:
    """Words of somebody else's to read in a row: as `legible`, with every address in them defanged."""
    return legible(defang_words(text or ""))


def _pieces(text: str) -> SafeString:
    return format_html_join(
        "", "{}", ((_piece(unseen, "".join(run)),) for unseen, run in groupby(text, is_unseen))
    )


def _piece(unseen: bool, run: str) -> SafeString:
    if unseen:
        return format_html_join(
            "", '<span class="desk-unseen" title="{}">{}</span>', ((named(c), f"U+{ord(c):04X}") for c in run)
        )
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in _breakable(run)))


def _breakable(run: str) -> Iterator[str]:
    """Cut after a run of punctuation, where a long address may go on in the next line."""
    start = 0
    for place in range(1, len(run)):
        if run[place - 1] in BREAK_AFTER and run[place] not in BREAK_AFTER:
            yield run[start:place]
            start = place
    yield run[start:]


@register.filter
def when(at: datetime | date | None) -> SafeString:
    """A time with its zone, in Europe/London: `25 Nov 2026, 08:04 GMT`; a date alone: `25 Nov 2026`."""
    if not at:
        return SafeString(NOTHING)
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at.day} {at:%b %Y}")
    local = timezone.localtime(at)
    shown = f"{local.day} {local:%b %Y, %H:%M %Z}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.filter(name="duration")
def duration_filter(length: timedelta | float | str | None) -> str:
    """A length of time, given as such or in hours: `2 days 3 hours`; what is withheld stays “c”."""
    if length is None or isinstance(length, str):
        return length or NOTHING
    return duration(length if isinstance(length, timedelta) else timedelta(hours=length))


@register.filter(name="percent")
def percent_filter(rate: float | str | None, denominator: int | str = 100) -> str:
    """`{{ figure.rate|percent:figure.denominator }}`: one decimal from a base of 100, none below; “c” stays so."""
    if isinstance(rate, str) or isinstance(denominator, str):
        return WITHHELD
    return percent(rate, places_for(denominator))


@register.filter
def number(count: int | str | None) -> str:
    """A count with its thousands set apart: `1,218`; what is withheld stays “c”."""
    if isinstance(count, str):
        return count
    return NOTHING if count is None else f"{count:,}"


@register.filter
def shortened(text: str, length: int) -> str:
    """At most `length` characters, the middle left out: it is by its end that one address differs from the next."""
    begin = length // 3
    return (
        text if len(text) <= length else f"{text[:begin]}\N{HORIZONTAL ELLIPSIS}{text[begin + 1 - length :]}"
    )


@register.filter
def split(text: str, mark: str = "|") -> list[str]:
    return text.split(mark) if text else []


@register.inclusion_tag("components/status_tag.html")
def status_tag(status: str, label: str = "") -> dict[str, str]:
    """The one picture of a status: `{% status_tag item.status item.get_status_display %}`."""
    words = label or str(status).replace("_", " ").capitalize()
    return {"label": words, "colour": _COLOUR_OF.get(str(status), "grey")}


@register.inclusion_tag("components/deadline.html")
def deadline(due: datetime | None, at: datetime | None = None, stopped: bool = False) -> dict[str, object]:
    """The one picture of a deadline, as at `at` (default: now); `stopped` while the clock stands still."""
    if due is None:
        return {"due": None}
    words, tone = ("Clock stopped", "stopped") if stopped else until(due, at or timezone.now(), WARN_WITHIN)
    return {"due": due, "words": words, "tone": tone}


@register.simple_block_tag(takes_context=True, end_name="endcomponent")
def component(context: Context, content: str, name: str, **parameters: Any) -> str:
    """Put what stands between the tags into `components/<name>.html`, which sees its parameters alone."""
    around = Engine.get_default().get_template(f"components/{name}.html")
    token = {"csrf_token": context.get("csrf_token")}
    return around.render(context.new({**token, **parameters, "content": content}))


@register.simple_tag
def page_numbers(page: Page) -> Iterable[int | str]:
    """The numbers to offer under a list: first, last, and those near this page."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag
def first_control(field: BoundField) -> str:
    """The id that an error's link leads to: of the field, or of its first choice or part."""
    if not field.use_fieldset:
        return str(field.auto_id)
    choices = field.subwidgets
    return str(choices[0].id_for_label) if len(choices) > 1 else f"{field.auto_id}_0"
