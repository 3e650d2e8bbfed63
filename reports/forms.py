from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property

from accounts.fields import DayField, LongTextField, MomentField, is_twice
from accounts.limits import far_off
from casework.forms import LANGUAGES
from casework.models import Category, Kind
from platforms.models import ChannelKind, Platform, Severity
from reports.asking import groupings
from reports.choices import CHOICES, Choice
from reports.editions import moments
from reports.facts import GROUPINGS, Scope
from reports.group_rows import ORDERS
from reports.groupings import GROUPING_WORDS
from reports.models import FILTERS, Frequency, Revision, Rounding, Threshold
from reports.models.series_break import LONGEST_CHANGE
from reports.parameters import AddressForm
from reports.periods import Period

MONTHS_SHOWN = 6
LONGEST_CODE = 10  # of a language


class LocalTime(forms.DateTimeInput):
    """Shows a time of the address, which has its zone, as the browser's picker wants it: London's, without one.

    The hour that comes twice keeps its zone, so that it is the same hour when it is sent again.
    """

    def format_value(self, value: Any) -> str | None:
        try:
            at = parse_datetime(value) if isinstance(value, str) else None
            local = None if at is None or timezone.is_naive(at) else timezone.localtime(at)
        except (ValueError, OverflowError):
            local = None
        if local is None:
            return super().format_value(value)
        return local.isoformat() if is_twice(local.replace(tzinfo=None)) else f"{local:%Y-%m-%dT%H:%M:%S}"


class Filters(forms.Form):
    """The filters of figures; `names` are what people call their values, by filter."""

    platform = forms.ChoiceField(required=False)
    category = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False, choices=[("", "All"), *Kind.choices])
    channel = forms.ChoiceField(required=False, choices=[("", "All"), *ChannelKind.choices])
    language = forms.ChoiceField(required=False)
    severity = forms.ChoiceField(required=False, choices=[("", "All"), *Severity.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (
            ("platform", Platform.objects.values_list("slug", "name")),
            ("category", Category.objects.values_list("slug", "name")),
            ("language", _languages(str(self.data.get("language", "")))),
        ):
            self.fields[name].choices = [("", "All"), *offered]
        self.names = {name: dict(self.fields[name].choices) for name in FILTERS}


def _languages(asked: str) -> list[tuple[str, str]]:
    """Those that we know by name, and the code that is asked for: items may have any."""
    known = LANGUAGES[1:]
    other = asked not in dict(known) and asked.isprintable() and 0 < len(asked) <= LONGEST_CODE
    return [*known, (asked, asked)] if other else known


class ScopeForm(AddressForm, Filters):
    """What the figures are about; every field may be left out of the address."""

    field_order = ("first", "last", "as_at", "known_by", *FILTERS)
    first = DayField(label="From", required=False)
    last = DayField(label="To", required=False, help_text="Included.")
    as_at = MomentField(label="As at", required=False, widget=LocalTime(), help_text="Now, if empty.")
    known_by = MomentField(
        label="Known by", required=False, widget=LocalTime(), help_text="The as-at, if empty."
    )

    def add_prefix(self, field_name: str) -> str:
        """In the address the days are called `from` and `to`, as everywhere; `from` is no name in Python."""
        return {"first": "from", "last": "to"}.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        sent = super().clean()
        today = timezone.localdate()
        sent["last"] = sent.get("last") or today
        sent["first"] = sent.get("first") or _months_before(sent["last"])
        if not self.errors and sent["last"] < sent["first"]:
            self.add_error("last", "The period ends before it begins: choose a later day.")
        for name in ("as_at", "known_by"):
            if sent.get(name) and sent[name] > timezone.now():
                self.add_error(name, "This time has not come yet: choose an earlier one, or leave it empty.")
        return sent

    def active(self) -> int:
        """How many fields the address sets."""
        shown = (name for name, field in self.fields.items() if not field.widget.is_hidden)
        return sum(1 for name in shown if self.data.get(self.add_prefix(name)))

    def told(self) -> list[str]:
        """The filters of a valid form in words: `Platform: Facebook`."""
        return [
            f"{self[name].label}: {self.names[name][value]}"
            for name in FILTERS
            if name in self.fields and (value := self.cleaned_data[name])
        ]

    def more(self) -> dict[str, str]:
        """What the address of a valid form asks beyond its scope, as it is written there."""
        names = [name for name in self.fields if name not in ScopeForm.field_order]
        return {name: self.data[name] for name in names if self.data.get(name)}

    def scope(self) -> Scope:
        """The scope of a valid form, whose days are shown in it from then on."""
        sent = self.cleaned_data
        as_at = sent["as_at"] or timezone.now()
        days = {"from": sent["first"].isoformat(), "to": sent["last"].isoformat()}
        self.data = {**self.data.dict(), **days}
        return Scope(
            period=Period(sent["first"], sent["last"]),
            as_at=as_at,
            known_by=sent["known_by"] or as_at,
            **{name: sent[name] for name in FILTERS},
        )


class RatesForm(ScopeForm):
    """With the grouping of the rates and the order of its groups, which links set."""

    by = forms.ChoiceField(required=False, choices=list(GROUPING_WORDS.items()), widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in ORDERS for sign in ("", "-")],
        widget=forms.HiddenInput,
    )


class EpisodesForm(ScopeForm):
    """With the choice of rows behind one number; only links make it."""

    also = (*CHOICES, "page")

    @cached_property
    def choice(self) -> Choice:
        """Raises `ValueError` for what is not known."""
        return Choice.read(self.data.dict())

    @property
    def misread(self) -> list[str]:
        try:
            assert self.choice
        except ValueError as error:
            return [*super().misread, str(error)]
        return super().misread

    def chosen(self) -> dict[str, str]:
        """The parameters of the choice, as they are written."""
        return {name: self.data[name] for name in CHOICES if self.data.get(name)}


class RecordsForm(ScopeForm):
    """With the choice of records behind one number, by the parameter of that name; the first unless given."""

    def __init__(self, parameter: str, choices: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parameter, self.choices = parameter, choices
        self.also = (*([parameter] if parameter else []), "page")
        self.choice = self.data.get(parameter, next(iter(choices)))

    @property
    def misread(self) -> list[str]:
        if self.choice in self.choices:
            return super().misread
        known = ", ".join(self.choices)
        return [*super().misread, f"“{self.parameter}” cannot be {self.choice}: use {known}."]


class PrintForm(ScopeForm):
    """With what the PDF is for."""

    also = ("variant",)


class ComparisonForm(ScopeForm):
    """With a second group to set beside the first: another platform, another period, or both."""

    beside_platform = forms.ChoiceField(label="Beside: platform", required=False)
    beside_from = DayField(label="Beside: from", required=False)
    beside_to = DayField(label="Beside: to", required=False, help_text="Both empty: the time before.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["beside_platform"].choices = [("", "The same"), *self.fields["platform"].choices[1:]]

    def clean(self) -> dict[str, Any]:
        sent = super().clean()
        if bool(sent.get("beside_from")) != bool(sent.get("beside_to")):
            self.add_error("beside_from", "Give both days of the second period, or neither.")
        elif sent.get("beside_to") and sent["beside_to"] < sent["beside_from"]:
            self.add_error("beside_to", "The period ends before it begins: choose a later day.")
        elif not self.errors and self._shares_items(sent):
            self.add_error(
                "beside_from",
                "Both groups would hold the same items: choose other days, or another platform.",
            )
        return sent

    def _beside(self, sent: dict[str, Any]) -> tuple[str, date, date]:
        """Platform and days of the second group: by default another platform's same days, or the time before."""
        platform = sent["beside_platform"] or sent["platform"]
        if sent["beside_from"]:
            return platform, sent["beside_from"], sent["beside_to"]
        if sent["platform"] and platform != sent["platform"]:
            return platform, sent["first"], sent["last"]
        end = sent["first"] - timedelta(days=1)
        return platform, end - (sent["last"] - sent["first"]), end

    def _shares_items(self, sent: dict[str, Any]) -> bool:
        platform, first, last = self._beside(sent)
        apart = sent["platform"] and platform != sent["platform"]
        return not apart and first <= sent["last"] and sent["first"] <= last

    def second(self, scope: Scope) -> Scope | None:
        """The second group of a valid form, whose first is `scope`; None where the time before is before all time."""
        platform, first, last = self._beside(self.cleaned_data)
        return None if far_off(first) else replace(scope, platform=platform, period=Period(first, last))


class BriefingForm(ScopeForm):
    """The scope of a page about one platform, which its path names."""

    def __init__(self, platform: Platform, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["platform"]
        self.platform = platform

    def clean(self) -> dict[str, Any]:
        return {**super().clean(), "platform": self.platform.slug}


def _months_before(day: date) -> date:
    """The first day of the month that makes `MONTHS_SHOWN` with the day's own."""
    first = day.replace(day=1)
    for _ in range(MONTHS_SHOWN - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


class GroupingsField(forms.CharField):
    """Names of groupings with commas."""

    def __init__(self, **kwargs: Any) -> None:
        told = f"With commas: {', '.join(GROUPINGS)}."
        super().__init__(
            **{"label": "Group by", "required": False, "max_length": 100, "help_text": told, **kwargs}
        )

    def clean(self, value: Any) -> str:
        try:
            return ",".join(groupings(super().clean(value).replace(" ", "")))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class Disclosed(forms.Form):
    """How what is made public of an edition is held back."""

    threshold = forms.TypedChoiceField(
        label="Leave out counts", choices=Threshold.choices, coerce=int, initial=Threshold.FIVE, required=False,
        empty_value=Threshold.FIVE, help_text="Of what is made public.",
    )  # fmt: skip
    rounding = forms.TypedChoiceField(
        label="Round counts", choices=Rounding.choices, coerce=int, initial=Rounding.NONE, required=False,
        empty_value=Rounding.NONE, help_text="Of what is made public.",
    )  # fmt: skip


class EditionForm(ScopeForm, Disclosed):
    """What an edition is to freeze; a time left empty is that of the default publication, or now."""

    title = forms.CharField(max_length=200)
    grouped_by = GroupingsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_at"].help_text = "If empty, 28 days after the period, or now."
        self.fields["known_by"].help_text = "If empty, three working days after the as-at, or now."
        scope = ["first", "last", "as_at", "known_by", *FILTERS]
        self.order_fields(["title", "grouped_by", *scope])

    def scope(self) -> Scope:
        sent = self.cleaned_data
        period = Period(sent["first"], sent["last"])
        sent["as_at"], sent["known_by"] = moments(period, sent["as_at"], sent["known_by"])
        return super().scope()

    def asked(self) -> dict[str, Any]:
        """What `editions.prepare` takes beside the scope."""
        return {name: self.cleaned_data[name] for name in ("title", "grouped_by", "threshold", "rounding")}


class ReviseForm(forms.Form):
    """The moments that a revision looks at, and why there is one."""

    kind = forms.ChoiceField(label="What it is", choices=Revision.choices)
    as_at = MomentField(label="As at", widget=LocalTime())
    known_by = MomentField(label="Known by", widget=LocalTime())
    reason = LongTextField(help_text="It is published with the revision.")
    substantial = forms.BooleanField(label="Substantial: it would change a conclusion", required=False)


class MakePublicForm(forms.Form):
    """Whether single platforms are named in what is made public, and that they had it first."""

    names_platforms = forms.BooleanField(
        label="Naming platforms is signed off", required=False,
        help_text="Otherwise groups by platform, and the providers of the annual table, are left out.",
    )  # fmt: skip
    shared = LongTextField(
        label="Factual check by the platforms", required=False,
        help_text="When and how the platforms named had the table. Needed to name them; it is not published.",
    )  # fmt: skip


class CompareForm(AddressForm):
    """Two editions by their references."""

    first = forms.CharField(label="Earlier edition", max_length=20)
    second = forms.CharField(label="Later edition", max_length=20)


class ScheduleForm(Filters, Disclosed):
    """A schedule; its fields carry the names of `schedules.add`."""

    title = forms.CharField(max_length=150, help_text="The month or quarter is added to it.")
    frequency = forms.ChoiceField(choices=Frequency.choices)
    since = DayField(label="From", help_text="A day of the first month or quarter.")
    grouped_by = GroupingsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["title", "frequency", "since", *FILTERS])


class SeriesBreakForm(forms.Form):
    """A series break; its fields carry the names of `breaks.add`."""

    day = DayField(label="From", help_text="The first day of the new series, in Europe/London.")
    what = forms.CharField(
        label="What changed", max_length=LONGEST_CHANGE, help_text="In one line: figures print it."
    )
    platform = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["platform"].choices = [("", "All"), *Platform.objects.values_list("slug", "name")]
