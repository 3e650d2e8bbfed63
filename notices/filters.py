"""How the list of notices is narrowed; pages and API use the same set."""

from typing import Any

from django.db.models import Q, QuerySet
from django.forms import HiddenInput
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from accounts.roles import Role
from casework.filters import AnyYesNo
from notices.models import ClockState, NoticeKind, NoticeStatus
from notices.models.notice import NoticeQuerySet
from notices.worklists import OURS, THEIRS
from platforms.models import ChannelKind, Platform

WORKLISTS = {**THEIRS, **OURS}


def offered_platforms(request: object) -> QuerySet:
    """The platforms that this person may see."""
    user = getattr(request, "user", None)
    return Platform.objects.visible_to(user) if getattr(user, "role", None) else Platform.objects.none()  # type: ignore[arg-type]


class NoticeFilter(FilterSet):
    q = CharFilter(
        method="search", label="Search", help_text="A reference, yours or the platform's, or an item's."
    )
    queue = ChoiceFilter(
        method="in_worklist",
        label="Work list",
        empty_label="Any",
        choices=[(slug, each.title) for slug, each in WORKLISTS.items()],
        widget=HiddenInput,  # chosen by the tabs above the list
    )
    status = ChoiceFilter(choices=NoticeStatus.choices, label="Status", empty_label="Any")
    platform = ModelChoiceFilter(
        queryset=offered_platforms, to_field_name="slug", label="Platform", empty_label="Any"
    )
    kind = ChoiceFilter(choices=NoticeKind.choices, label="Kind", empty_label="Any")
    channel = ChoiceFilter(
        field_name="channel_kind", choices=ChannelKind.choices, label="Channel", empty_label="Any"
    )
    overdue = BooleanFilter(method="past_due", label="Overdue", widget=AnyYesNo)
    clock = ChoiceFilter(
        method="in_clock_state", choices=ClockState.choices, label="Clock", empty_label="Any"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Whoever belongs to one platform is not asked for which."""
        super().__init__(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if getattr(user, "role", None) == Role.LIAISON and offered_platforms(self.request).count() < 2:
            self.filters["platform"].extra["widget"] = HiddenInput

    def search(self, queryset: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        """The start of a reference; of an item's only as a whole, so that nothing can be felt for."""
        by_item = Q(pk__in=queryset.filter(lines__item__reference=value).values("pk"))
        return queryset.filter(
            Q(reference__istartswith=value) | Q(platform_reference__iexact=value) | by_item
        )

    def in_worklist(self, queryset: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        return queryset.filter(WORKLISTS[value].condition(timezone.now()))

    def in_clock_state(self, queryset: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        return queryset.with_clock(timezone.now()).filter(clock=value)

    def past_due(self, queryset: NoticeQuerySet, name: str, value: bool) -> NoticeQuerySet:
        late = queryset.overdue(timezone.now())
        return late if value else queryset.exclude(pk__in=late.values("pk"))
