"""What the pages about one notice share."""

from typing import cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.pages import Crumbs, person
from casework.views.edges import EdgePage
from notices.models import Notice


def visible_notice(request: HttpRequest, reference: str) -> Notice:
    """The notice, or 404 when there is none that this person may see."""
    notices = Notice.objects.visible_to(person(request)).select_related("platform", "channel")
    return cast(Notice, get_object_or_404(notices, reference=reference))


def notice_url(notice: Notice) -> str:
    return reverse("notices:notice_detail", args=[notice.reference])


class NoticePage(EdgePage):
    """A verb page about one notice."""

    @property
    def notice(self) -> Notice:
        return cast(Notice, self.subject)

    def get_subject(self) -> Notice:
        return visible_notice(self.request, self.kwargs["reference"])

    def back(self) -> str:
        return notice_url(self.notice)

    def crumbs(self) -> Crumbs:
        return [("Notices", reverse("notices:notice_list")), (self.notice.reference, self.back())]
