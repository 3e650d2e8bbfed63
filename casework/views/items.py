from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from casework import bulk, disputes, queues
from casework.connections import connections
from casework.duplicates import same_by_alias
from casework.filters import ItemListFilter
from casework.models import Alias, Event, Evidence, Hold, Item, ReadingStatus
from casework.views.buttons import buttons, refusals
from casework.views.edges import case_url, told

# Which bulk actions make sense in a queue; elsewhere all that the person may do are offered.
QUEUE_VERBS = {
    "to_assess": ("assess", "claim", "reject", "ask", "hold"),
    "to_approve": ("approve", "reject", "ask", "hold"),
    "to_notify": ("draft", "hold"),
    "to_check": ("check",),
    "unseen": ("check",),
    "says_removed": ("dispute", "check"),
    "says_kept": ("dispute", "check"),
    "checker_gone": ("check",),
    "checker_live": ("check",),
    "reappeared": ("draft", "check", "hold"),
    "info_needed": ("reject",),
    "on_hold": ("release",),
}


@allow(Permission.SEE_CASEWORK)
class ItemList(Listing):
    """All items, a search, or one work queue (`?queue=`)."""

    model = Item
    related = ("platform", "category", "case")
    filterset_class = ItemListFilter
    template_name = "casework/item_list.html"

    def get_queryset(self) -> QuerySet:
        queue = queues.QUEUES.get(self.request.GET.get("queue", ""))
        found = super().get_queryset()
        return found.prefetch_related(disputes.last_looks()) if queue and queue.order else found

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        user, slug = person(self.request), self.request.GET.get("queue", "")
        return super().get_context_data(
            queue=queues.QUEUES.get(slug),
            tabs=_tabs(user, slug),
            verbs=_verbs(user, slug),
            most_at_once=bulk.MOST,
            **more,
        )


def _tabs(user: Any, slug: str) -> list[tuple[str, str, int | None, bool]]:
    counts = queues.counts(user, timezone.now())
    address = reverse("casework:item_list")
    return [
        ("All items", address, None, not slug),
        *(
            (queue.title, f"{address}?queue={name}", counts[name], name == slug)
            for name, queue in queues.QUEUES.items()
        ),
    ]


def _verbs(user: Any, slug: str) -> list[tuple[str, str]]:
    offered = bulk.offered(user)
    if user.can(Permission.DRAFT_NOTICE):
        offered.append(("draft", "Draft notices"))
    wanted = QUEUE_VERBS.get(slug)
    if wanted is None:
        return offered
    if user.can(Permission.DRAFT_NOTICE):
        offered.append(("dispute", "Write to the platform"))
    return sorted((row for row in offered if row[0] in wanted), key=lambda row: wanted.index(row[0]))


# What people attached; captures stand with their looks.
ATTACHED = Prefetch("exhibits", Evidence.objects.filter(capture=None), to_attr="attached")


@allow(Permission.SEE_CASEWORK)
class ItemDetail(DetailView):
    template_name = "casework/item_detail.html"
    slug_field = slug_url_kwarg = "reference"

    def get_queryset(self) -> QuerySet:
        return (
            Item.objects.visible_to(person(self.request))
            .select_related(
                "case",
                "platform",
                "category",
                "account",
                "duplicate_of",
                "assessed_by",
                "approved_by",
                "claimed_by",
            )
            .prefetch_related(ATTACHED, "duplicates", "episodes")
        )

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        item, user = self.object, person(self.request)
        checks = list(item.checks.select_related("exhibit").annotate(files=Count("captures")))
        return super().get_context_data(
            crumbs=[("Items", reverse("casework:item_list")), (item.case.reference, case_url(item.case))],
            buttons=buttons(item, user),
            refusals=refusals(item, user),
            timeline=told(Event.objects.visible_to(user).filter(item=item)),
            assessments=item.assessments.select_related(
                "category__parent", "ground", "policy_clause", "assessed_by"
            ),
            checks=checks,
            opposed=disputes.opposed(checks),
            holds=Hold.objects.visible_to(user).filter(item=item),
            elsewhere=_elsewhere(item, user),
            connections=connections(item, user),
            rereading=item.rereadings.visible_to(user).filter(status=ReadingStatus.OPEN).first(),
            may_decide=user.can(Permission.APPROVE_ITEM),
            aliases=_aliases(item, user),
            may_hand_over=user.can(Permission.DISCLOSE_EVIDENCE) and item.exhibits.exists(),
            may_withdraw=user.can(Permission.CHECK_ITEM),
            same_by_alias=same_by_alias(item).visible_to(user).select_related("case")[:10],
            **more,
        )


def _aliases(item: Item, user: Any) -> QuerySet:
    """Where the short link leads, and what was withdrawn, newest first."""
    recorded = Alias.objects.visible_to(user).filter(from_key=item.key)
    return recorded.select_related("item", "withdrawal")[:10]


def _elsewhere(item: Item, user: Any) -> QuerySet:
    """The same address in other records, newest first."""
    same = Item.objects.visible_to(user).filter(key=item.key).exclude(pk=item.pk)
    return same.select_related("case").order_by("-pk")[:10]
