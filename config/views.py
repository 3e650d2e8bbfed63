"""The start page, by what a person's work is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.models import User
from accounts.pages import person
from accounts.roles import Permission, Role
from casework import queues
from notices import worklists
from notices.incoming import queues as incoming

ELSEWHERE = {
    Role.MANAGER: "reports:overview",
    Role.AUDITOR: "reports:rates",
    Role.ADMINISTRATOR: "accounts:people",
}
URGENT = frozenset({"overdue", "failed", "unknown", "says_removed", "reappeared", "no_response"})
QUIET = frozenset({"queued", "waiting"})  # nothing for us to do
Card = dict[str, object]


@allow()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Officers and reviewers see their queues with counts; everybody else goes where their work is."""
    user = person(request)
    if user.role == Role.LIAISON:
        return redirect(f"{reverse('notices:notice_list')}?queue=to_answer")
    if user.role in ELSEWHERE:
        return redirect(ELSEWHERE[Role(user.role)])
    context = {
        "items": item_cards(user),
        "notices": notice_cards(user),
        "mails": mail_cards(user),
        "may_open": user.can(Permission.OPEN_CASE),
    }
    return render(request, "casework/home.html", context)


def item_cards(user: User) -> list[Card]:
    address, found = reverse("casework:item_list"), queues.counts(user, timezone.now())
    return [
        _card(slug, queue.title, found[slug], address, queue.empty_text)
        for slug, queue in queues.QUEUES.items()
        if user.can(queue.who)
    ]


def notice_cards(user: User) -> list[Card]:
    address, found = reverse("notices:notice_list"), worklists.counts(user, timezone.now())
    return [
        _card(slug, each.title, found[slug], address, each.next_step)
        for slug, each in worklists.worklists(user).items()
        if slug not in QUIET
    ]


def mail_cards(user: User) -> list[Card]:
    address, found = reverse("notices:incoming_list"), incoming.counts(user)
    return [
        _card(slug, queue.title, found[slug], address, queue.empty)
        for slug, queue in incoming.QUEUES.items()
        if queue.to_do
    ]


def _card(slug: str, title: str, count: int, address: str, text: str) -> Card:
    late = "late" if slug in URGENT and count else ""
    return {"title": title, "count": count, "url": f"{address}?queue={slug}", "text": text, "tone": late}
