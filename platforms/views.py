"""The platform directory: where notices go, how long an answer may take, which rules can be cited."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from platforms.models import ALWAYS, Platform


@allow()
class PlatformList(Listing):
    model = Platform
    template_name = "platforms/platform_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        user = person(self.request)
        casework = user.can(Permission.SEE_CASEWORK) or user.can(Permission.MANAGE_PLATFORMS)
        return super().get_context_data(casework=casework, **more)

    def visible(self) -> QuerySet:
        current = Count("channels", filter=Q(channels__is_current=True), distinct=True)
        clauses = Count("policy_clauses", distinct=True)
        return super().visible().annotate(channel_count=current, clause_count=clauses).order_by("name")


@allow()
class PlatformDetail(DetailView):
    template_name = "platforms/platform_detail.html"

    def get_queryset(self) -> QuerySet:
        return Platform.objects.visible_to(person(self.request)).prefetch_related(
            "channels", "contacts__confirmed_by", "commitments", "policy_clauses", "liaisons"
        )

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        channels = [channel for channel in self.object.channels.all() if channel.is_current]
        user = person(self.request)
        return super().get_context_data(
            channels=channels,
            always=ALWAYS,
            contacts=[contact for contact in self.object.contacts.all() if contact.is_current],
            may_see_contacts=user.can(Permission.SEE_CASEWORK) or user.can(Permission.CARE_CONTACTS),
            casework=user.can(Permission.SEE_CASEWORK) or user.can(Permission.MANAGE_PLATFORMS),
            may_brief=user.can(Permission.SEE_FIGURES),
            may_manage=user.can(Permission.MANAGE_PLATFORMS),
            may_set_ladder=user.can(Permission.SET_LADDER),
            **more,
        )
