"""What is new in a person's own work, and when they want to be told by mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import Crumbs, VerbPage, person
from accounts.roles import Permission
from notices import notifications
from notices.forms import DailyMailForm


@allow(Permission.DRAFT_NOTICE)
@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """Unread first; `?sort=` shows one sort."""
    inbox = notifications.inbox_of(person(request))
    new, old = notifications.unread(inbox), notifications.read(inbox)
    chosen = request.GET.get("sort", "")
    address = reverse("notices:notification_list")
    sorts = [sort for sort in notifications.SORTS if any(each.sort == sort for each in (*new, *old))]
    tabs = [("All", address, len(new), chosen not in sorts)] + [
        (
            notifications.SORTS[sort][0],
            f"{address}?sort={sort}",
            sum(each.sort == sort for each in new),
            sort == chosen,
        )
        for sort in sorts
    ]
    if chosen in sorts:
        new, old = ([each for each in some if each.sort == chosen] for some in (new, old))
    shown = {
        "new": new,
        "old": old,
        "tabs": tabs,
        "inbox": inbox,
        "urgent": notifications.URGENT,
        "sort": chosen,
    }
    return render(request, "notices/notification_list.html", shown)


@allow(Permission.DRAFT_NOTICE)
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark one entry as read, or all of them."""
    user, key = person(request), request.POST.get("key", "")
    if key:
        notifications.mark_read(user, key)
    else:
        notifications.mark_all_read(user)
        messages.success(request, "Everything is marked as read.")
    return redirect("notices:notification_list")


@allow(Permission.DRAFT_NOTICE, Permission.CARE_CONTACTS)
class DailyMail(VerbPage):
    form_class = DailyMailForm
    title = "Daily mail"
    done = "It is saved."

    def get_initial(self) -> dict[str, Any]:
        inbox = notifications.inbox_of(person(self.request))
        return {"by_mail": inbox.by_mail, "hour": inbox.hour, "zone": inbox.zone}

    def act(self, form: Any) -> None:
        notifications.set_mail(person(self.request), **form.cleaned_data)

    def back(self) -> str:
        return reverse("notices:notification_list" if notifications.wants(person(self.request)) else "home")

    def crumbs(self) -> Crumbs:
        return [("News", self.back())] if notifications.wants(person(self.request)) else []
