"""How lists of editions and jobs are narrowed; pages and API use the same sets."""

from django.db.models import Q
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from reports.models import EditionStatus, JobKind, JobStatus
from reports.models.edition import EditionQuerySet


class EditionFilter(FilterSet):
    q = CharFilter(method="search", label="Search", help_text="A reference, or words of the title.")
    status = ChoiceFilter(choices=EditionStatus.choices, label="Status", empty_label="Any")
    covers = DateFilter(method="covering", label="Covers the day")

    def search(self, queryset: EditionQuerySet, name: str, value: str) -> EditionQuerySet:
        return queryset.filter(Q(reference__icontains=value) | Q(title__icontains=value))

    def covering(self, queryset: EditionQuerySet, name: str, value: object) -> EditionQuerySet:
        return queryset.filter(first__lte=value, last__gte=value)


class JobFilter(FilterSet):
    kind = ChoiceFilter(choices=JobKind.choices, label="What", empty_label="Any")
    status = ChoiceFilter(choices=JobStatus.choices, label="Status", empty_label="Any")
