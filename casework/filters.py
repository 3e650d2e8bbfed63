"""How lists of cases and items are narrowed; pages and API use the same sets."""

from typing import Any

from django.db.models import Q
from django.forms import HiddenInput, NullBooleanSelect
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from casework import queues
from casework.models import (
    CaseStatus,
    Category,
    Claim,
    Effect,
    ItemStatus,
    Kind,
    Presence,
    ReadingStatus,
    SelectorKind,
)
from casework.models.case import Casework
from casework.models.item import ItemQuerySet
from platforms.models import Platform, Severity
from platforms.recognition import NotAnAddress, recognise


def queue_choices() -> list[tuple[str, str]]:
    return [(slug, queue.title) for slug, queue in queues.QUEUES.items()]


class CaseFilter(FilterSet):
    q = CharFilter(method="search", label="Search")
    status = ChoiceFilter(choices=CaseStatus.choices, empty_label="Any")

    def search(self, queryset: Casework, name: str, value: str) -> Casework:
        return queryset.filter(Q(reference__icontains=value) | Q(title__icontains=value))


class RereadingFilter(FilterSet):
    q = CharFilter(
        method="search", label="Search", help_text="A reference of an item, or part of an address."
    )
    case = CharFilter(field_name="item__case__reference", lookup_expr="iexact", label="Case")
    effect = ChoiceFilter(choices=Effect.choices, label="Effect", empty_label="Any")
    status = ChoiceFilter(choices=ReadingStatus.choices, label="Decision", empty_label="To decide")

    def search(self, queryset: Casework, name: str, value: str) -> Casework:
        return queryset.filter(Q(item__reference__istartswith=value) | Q(item__canonical__icontains=value))

    def filter_queryset(self, queryset: Casework) -> Casework:
        """What waits for a decision, unless something else is asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data["status"] else found.filter(status=ReadingStatus.OPEN)


class AnyYesNo(NullBooleanSelect):
    """Left alone, it asks for nothing."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("", "Any"), ("true", "Yes"), ("false", "No")]

    def format_value(self, value: Any) -> str:
        return "" if value is None else super().format_value(value)


ORDERS = [("newest", "Newest first"), ("oldest", "Oldest first")]


class ItemFilter(FilterSet):
    q = CharFilter(
        method="search", label="Search", help_text="A reference, an address in any form, an account."
    )
    queue = ChoiceFilter(  # chosen by the tabs above the list
        method="in_queue", choices=queue_choices, label="Work queue", empty_label="Any", widget=HiddenInput
    )
    case = CharFilter(field_name="case__reference", lookup_expr="iexact", label="Case")
    status = ChoiceFilter(choices=ItemStatus.choices, label="Handling", empty_label="Any")
    platform = ModelChoiceFilter(
        queryset=Platform.objects.all(), to_field_name="slug", label="Platform", empty_label="Any"
    )
    kind = ChoiceFilter(choices=Kind.choices, label="Kind", empty_label="Any")
    category = ModelChoiceFilter(
        queryset=Category.objects.all(),
        to_field_name="slug",
        method="in_category",
        label="Category",
        empty_label="Any",
    )
    severity = ChoiceFilter(choices=Severity.choices, label="Severity", empty_label="Any")
    language = CharFilter(lookup_expr="iexact", label="Language", help_text="Its code, for example “ar”.")
    presence = ChoiceFilter(choices=Presence.choices, label="What we see", empty_label="Any")
    claim = ChoiceFilter(choices=Claim.choices, label="What the platform says", empty_label="Any")
    threat_to_life = BooleanFilter(label="Threat to life", widget=AnyYesNo)

    def search(self, queryset: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        """By reference, by address in whatever form, by account, title or identifier."""
        found = (
            Q(owner__iexact=value.removeprefix("@")) | Q(reference__istartswith=value) | Q(identifier=value)
        )
        return queryset.filter(
            found | Q(title__icontains=value) | Q(canonical__icontains=value) | same_as(value)
        )

    def in_queue(self, queryset: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        return queues.QUEUES[value].items(queryset, timezone.now())

    def in_category(self, queryset: ItemQuerySet, name: str, value: Category) -> ItemQuerySet:
        return queryset.filter(Q(category=value) | Q(category__parent=value))


class ItemListFilter(ItemFilter):
    """As a page lists them: with a choice of order, where the API has its cursor's."""

    sort = ChoiceFilter(method="in_order", choices=ORDERS, label="Order", empty_label="Open work first")

    def in_order(self, queryset: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        return queryset.order_by("pk" if value == "oldest" else "-pk")

    def filter_queryset(self, queryset: ItemQuerySet) -> ItemQuerySet:
        """Where all have one handling, or one queue, the order by priority alone says as much, from its index.

        Disputes stand the oldest first.
        """
        wanted = self.form.cleaned_data
        if not (wanted["status"] or wanted["queue"]):
            queryset = queryset.work_first()
        elif wanted["queue"] and (order := queues.QUEUES[wanted["queue"]].order):
            queryset = queryset.order_by(*order)
        return super().filter_queryset(queryset)


def same_as(text: str) -> Q:
    """The items that an address names, however it is written."""
    try:
        recognition = recognise(text.strip())
    except NotAnAddress:
        return Q(pk__in=[])
    return Q(canonical=recognition.canonical)


class SelectorFilter(FilterSet):
    q = CharFilter(method="search", label="Search", help_text="A part of it: digits of a number, a handle.")
    kind = ChoiceFilter(choices=SelectorKind.choices, label="Kind", empty_label="Any")

    def search(self, queryset: Casework, name: str, value: str) -> Casework:
        """A number is found however it is spaced."""
        digits = "".join(filter(str.isdigit, value))
        spaced = Q(kind=SelectorKind.TELEPHONE, value__contains=digits) if len(digits) > 3 else Q(pk__in=[])
        return queryset.filter(Q(value__icontains=value.strip().removeprefix("@")) | spaced)


class AccountFilter(FilterSet):
    q = CharFilter(method="search", label="Search", help_text="A part of what the account is called.")
    platform = ModelChoiceFilter(
        queryset=Platform.objects.all(), to_field_name="slug", label="Platform", empty_label="Any"
    )

    def search(self, queryset: Casework, name: str, value: str) -> Casework:
        return queryset.filter(identifier__icontains=value.strip().removeprefix("@"))
