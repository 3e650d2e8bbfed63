"""What pages about one platform share."""

from typing import cast

from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.pages import Crumbs, VerbPage, person
from platforms.models import Platform


class PlatformPage(VerbPage):
    """A verb about a platform that the person sees; it leads back to the directory's entry."""

    @property
    def platform(self) -> Platform:
        return cast(Platform, self.subject)

    def get_subject(self) -> Platform:
        rows = Platform.objects.visible_to(person(self.request))
        return get_object_or_404(rows, slug=self.kwargs["slug"])

    def back(self) -> str:
        return reverse("platforms:platform_detail", args=[self.platform.slug])

    def crumbs(self) -> Crumbs:
        return [("Platforms", reverse("platforms:platform_list")), (self.platform.name, self.back())]
