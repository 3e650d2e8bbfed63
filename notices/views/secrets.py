"""The secret of a platform's webhook: shown to whoever hands it on, and changed without a gap."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework.transitions import TransitionNotAllowed
from notices.channels import webhook_secrets
from platforms.models import Channel, ChannelKind

ACTS = {"show": webhook_secrets.show, "change": webhook_secrets.rotate}


@allow(Permission.MANAGE_PLATFORMS)
class WebhookSecret(View):
    """What is posted as `act` is done: the secret is shown, or changed and shown. It is in no address and no mail."""

    http_method_names = ("get", "head", "options", "post")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._shown(self._channel(request, pk), "")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        channel, act = self._channel(request, pk), ACTS.get(request.POST.get("act", ""))
        if act is None:
            messages.error(request, "Choose to show the secret, or to change it.")
            return self._shown(channel, "", status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            secret = act(channel, by=person(request))
        except TransitionNotAllowed as refusal:
            messages.error(request, refusal.message)
            secret = ""
        return self._shown(channel, secret)

    def _channel(self, request: HttpRequest, pk: int) -> Channel:
        rows: Any = Channel.objects.visible_to(person(request)).select_related("platform")
        found: Channel = get_object_or_404(rows, pk=pk, kind=ChannelKind.WEBHOOK)
        return found

    def _shown(self, channel: Channel, secret: str, status: int = HTTPStatus.OK) -> HttpResponse:
        platform = channel.platform
        until = channel.old_secret_until
        context = {
            "channel": channel,
            "secret": secret,
            "overlap": until if until and until > timezone.now() else None,
            "crumbs": [
                ("Platforms", reverse("platforms:platform_list")),
                (platform.name, reverse("platforms:platform_detail", args=[platform.slug])),
            ],
        }
        return render(self.request, "notices/webhook_secret.html", context, status=status)
