"""Reminding platforms of what is overdue, and what the desk does about silence by itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from notices import chasers
from notices.forms import StepsForm
from notices.models import Notice
from notices.views.edges import notice_url
from platforms.pages import PlatformPage

MOST = 1000


@allow(Permission.SEE_CASEWORK)
@require_safe
def chaser_list(request: HttpRequest) -> HttpResponse:
    """What would be one chaser each, as it would read; nothing leaves before somebody sends it."""
    at, by_itself = timezone.now(), chasers.by_itself()
    rows = [
        (digest, chasers.text_of(digest, at=at) if digest.asked else None, digest.platform.pk in by_itself)
        for digest in chasers.offered(at)
    ]
    may_send = person(request).can(Permission.SEND_NOTICE)
    crumbs = [("Notices", reverse("notices:notice_list"))]
    return render(request, "notices/chaser_list.html", {"rows": rows, "may_send": may_send, "crumbs": crumbs})


@allow(Permission.SEND_NOTICE)
@require_POST
def chaser_send(request: HttpRequest) -> HttpResponse:
    """One chaser about the notices that were chosen."""
    user = person(request)
    given = request.POST.getlist("selected")[:MOST]
    chosen = list(Notice.objects.visible_to(user).filter(reference__in=given))
    if not chosen:
        messages.error(request, "Choose the notices to chase.")
        return redirect("notices:chaser_list")
    made = chasers.chase(chosen, by=user)
    messages.success(
        request, f"The chaser {made} is on its way. What is answered before it leaves is left out."
    )
    return redirect(notice_url(made))


@allow(Permission.SET_LADDER)
class StepsChange(PlatformPage):
    """What the desk does by itself when a platform is silent."""

    form_class = StepsForm
    title = "Automatic steps"
    done = "The automatic steps are changed."

    def get_initial(self) -> dict[str, Any]:
        steps = chasers.steps_of(self.platform)
        return {name: getattr(steps, name) for name in StepsForm.base_fields}

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        lead = "What the desk does when the platform is silent, without anybody."
        return super().get_context_data(**{"lead": lead, **more})

    def act(self, form: Any) -> None:
        chasers.set_steps(self.platform, **form.cleaned_data, by=person(self.request))
