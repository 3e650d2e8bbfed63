from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template, TemplateDoesNotExist
from django.test import RequestFactory

from accounts.templatetags.desk import COLOURS, NOTHING, shortened

WINTER = datetime(2026, 11, 25, 8, 4, 54, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def render(source: str, **values: object) -> str:
    request = RequestFactory().get("/items/?platform=x&page=2")
    return Template("{% load desk %}" + source).render(RequestContext(request, values)).strip()


def test_address_is_defanged_and_no_link() -> None:
    shown = render("{{ a|address }}", a="https://x.com/abc/1")
    assert shown == '<bdi class="desk-address" dir="ltr">hxxps://<wbr>x[.]<wbr>com/<wbr>abc/<wbr>1</bdi>'


def test_address_names_what_cannot_be_seen_and_escapes_the_rest() -> None:
    shown = render("{{ a|address }}", a="x\u202e<b>\u200b\u200b")
    unseen = '<span class="desk-unseen" title="{}">{}</span>'
    override = unseen.format("RIGHT-TO-LEFT OVERRIDE", "U+202E")
    space = unseen.format("ZERO WIDTH SPACE", "U+200B")
    assert shown == f'<bdi class="desk-address" dir="ltr">x{override}&lt;b&gt;{space}{space}</bdi>'


def test_name_shows_what_cannot_be_seen() -> None:
    override = '<span class="desk-unseen" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>'
    assert render("{{ a|legible }}", a="\u202e<b") == f"<bdi>{override}&lt;b</bdi>"


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("address", None, NOTHING),
        ("address", "", NOTHING),
        ("defanged", "https://x.com", "hxxps://x[.]com"),
        ("defanged", None, ""),
        ("legible", "a.b", "<bdi>a.<wbr>b</bdi>"),
        ("legible", None, NOTHING),
        ("excerpt", "<b a. http://x.com", "<bdi>&lt;b a.<wbr> hxxp://<wbr>x[.]<wbr>com</bdi>"),
        ("excerpt", "", NOTHING),
        ("when", WINTER, '<time datetime="2026-11-25T08:04:54+00:00">25 Nov 2026, 08:04 GMT</time>'),
        ("when", SUMMER, '<time datetime="2026-07-02T00:30:00+01:00">2 Jul 2026, 00:30 BST</time>'),
        ("when", date(2026, 7, 1), '<time datetime="2026-07-01">1 Jul 2026</time>'),
        ("when", None, NOTHING),
        ("duration", timedelta(hours=27), "1 day 3 hours"),
        ("duration", 27.0, "1 day 3 hours"),
        ("duration", None, NOTHING),
        ("percent", 0.47454, "47.5%"),
        ("percent:17", 0.17647, "18%"),
        ("percent", None, "no rate"),
        ("number", 1218, "1,218"),
        ("number", 0, "0"),
        ("number", None, NOTHING),
        ("split|join:'+'", "a|b", "a+b"),
        ("split|length", "", "0"),
    ],
)
def test_filters(source: str, value: object, shown: str) -> None:
    assert render("{{ value|" + source + " }}", value=value) == shown


def test_status_tag_takes_its_own_words_or_the_given() -> None:
    tag = '<strong class="govuk-tag govuk-tag--{} desk-tag">{}</strong>'
    assert render("{% status_tag s %}", s="info_needed") == tag.format("blue", "Info needed")
    labelled = render("{% status_tag s label %}", s="gone", label="Gone & checked")
    assert labelled == tag.format("green", "Gone &amp; checked")
    assert render("{% status_tag s %}", s="never_heard_of") == tag.format("grey", "Never heard of")


def test_no_status_has_two_colours() -> None:
    named = [status for statuses in COLOURS.values() for status in statuses.split()]
    assert sorted(named) == sorted(set(named))


def test_deadline_says_how_long_and_when() -> None:
    shown = render("{% deadline due at %}", due=WINTER, at=WINTER + timedelta(hours=3))
    assert "desk-deadline--late" in shown
    assert "<strong>Overdue by 3 hours</strong>" in shown
    assert "25 Nov 2026, 08:04 GMT" in shown


def test_deadline_of_a_stopped_clock_is_never_overdue() -> None:
    shown = render("{% deadline due at stopped=True %}", due=WINTER, at=WINTER + timedelta(hours=3))
    assert "desk-deadline--stopped" in shown
    assert "<strong>Clock stopped</strong>" in shown


def test_no_deadline() -> None:
    assert render("{% deadline due %}", due=None) == NOTHING


def test_component_wraps_its_content_and_hands_the_csrf_token_on() -> None:
    source = '{{ csrf_token }}|{% component "form" button="Send" %}<i>{{ word }}</i>{% endcomponent %}'
    token, _, shown = render(source, word="<").partition("|")
    assert f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">' in shown
    assert "<i>&lt;</i>" in shown
    assert "Send</button>" in shown


def test_component_sees_nothing_of_the_page() -> None:
    shown = render('{% component "banner" %}x{% endcomponent %}', title="of the page", kind="error")
    assert "of the page" not in shown
    assert "desk-banner--info" in shown


def test_component_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"components/nothing\.html"):
        render('{% component "nothing" %}{% endcomponent %}')


def test_pagination_keeps_the_filters() -> None:
    page = Paginator(range(1218), 50).page(5)
    shown = render('{% include "components/pagination.html" with page=page only %}', page=page)
    assert 'href="?platform=x&amp;page=4"' in shown
    assert 'href="?platform=x&amp;page=5" aria-label="Page 5" aria-current="page">5</a>' in shown
    assert "201 to 250 of 1,218" in shown


def test_one_page_has_no_pagination() -> None:
    page = Paginator(range(3), 50).page(1)
    assert render('{% include "components/pagination.html" with page=page only %}', page=page) == ""


class Form(forms.Form):
    address = forms.CharField()
    severity = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    grouped = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=[("Group", [("a", "A"), ("b", "B")]), ("c", "C")]
    )
    found = forms.SplitDateTimeField()


@pytest.mark.parametrize("name", ["address", "severity", "grouped", "found"])
def test_errors_lead_to_a_control_that_is_there(name: str) -> None:
    form = Form({})
    target = render("{% first_control form." + name + " %}", form=form)
    assert f' id="{target}"' in str(form[name])
    summary = render('{% include "components/error_summary.html" with form=form only %}', form=form)
    assert f'<a href="#{target}">{form[name].label}: This field is required.</a>' in summary


def test_included_components_find_the_tags_they_need() -> None:
    exhibit = {"filename": "a.png", "captured_at": WINTER, "sha256": "ab" * 32, "size": 10, "pk": 4}
    shown = Template(
        '{% include "components/evidence_card.html" with exhibit=exhibit url="/f" thumbnail_url="/t" only %}'
    ).render(Context({"exhibit": exhibit}))
    assert '<img src="/t" alt="a.png" loading="lazy">' in shown
    assert '<a class="govuk-link" href="/f" download>Download a.png</a>' in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("123456789", "123456789"), ("1234567890", "123…67890"), ("x" * 30 + "end", "xxx…xxend")],
)
def test_a_shortened_text_keeps_its_end(text: str, shown: str) -> None:
    assert shortened(text, 9) == shown
