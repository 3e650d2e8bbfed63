"""The desk's page about the links of one notice: make one, see who opened it, end it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import blame, person
from accounts.roles import Permission
from casework.transitions import TransitionNotAllowed
from notices import links
from notices.forms import LinkForm
from notices.models import AnswerLink, LinkOpening
from notices.views.edges import NoticePage

SHOWN = 50


@allow(Permission.SEND_NOTICE)
class NoticeLinks(NoticePage):
    """The address is shown once, on the page that answers the form."""

    form_class = LinkForm
    template_name = "notices/notice_links.html"
    title = "Links to answer without an account"
    button = "Make a link"

    def get_initial(self) -> dict[str, Any]:
        channel = self.notice.channel
        return {"days": links.DAYS, "addressee": channel.address[:90] if channel else ""}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            _, made = links.make(self.notice, **form.cleaned_data, by=person(self.request))
        except ValidationError as error:
            blame(form, error)
            return self.form_invalid(form)
        except TransitionNotAllowed as refusal:
            messages.error(self.request, refusal.message)
            return redirect(self.back())
        empty = self.form_class(initial=self.get_initial())
        return self.render_to_response(self.get_context_data(form=empty, made=made))

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        made = (
            AnswerLink.objects.filter(notice=self.notice)
            .select_related("created_by", "revoked_by")
            .annotate(opened=Count("openings"))
        )
        openings = LinkOpening.objects.filter(link__notice=self.notice).select_related("link")
        usable = set(made.usable(timezone.now()).values_list("pk", flat=True))
        return super().get_context_data(
            rows=[(link, link.pk in usable) for link in made], openings=openings[:SHOWN], **more
        )


@allow(Permission.SEND_NOTICE)
@require_POST
def link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link at once."""
    visible: Any = AnswerLink.objects.visible_to(person(request)).select_related("notice")
    link = get_object_or_404(visible, pk=pk)
    links.revoke(link, by=person(request))
    messages.success(request, f"The link for {link.addressee} has ended.")
    return redirect(reverse("notices:notice_links", args=[link.notice.reference]))
