"""Answers by webhook: whether a platform may send them, its secret, and what came in."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, View

from accounts.guards import allow
from accounts.pages import Listing, person
from accounts.roles import Permission
from casework.transitions import TransitionNotAllowed
from notices import hook_secrets, hooks
from notices.models import AnswerHook, HookMessage
from platforms.models import Platform

ACTS = {"show": hook_secrets.show, "change": hook_secrets.rotate}
SHOWN = 20_000  # characters of a body


@allow(Permission.MANAGE_PLATFORMS)
class Hook(View):
    """What is posted as `act` is done: the address is opened or closed, its secret shown or changed."""

    http_method_names = ("get", "head", "options", "post")

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._shown(self._platform(request, slug), "")

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        platform, act = self._platform(request, slug), request.POST.get("act", "")
        hook, by = AnswerHook.objects.filter(platform=platform).first(), person(request)
        if act == "open":
            hook_secrets.open_hook(platform, by=by)
        elif hook is None or act not in {"close", *ACTS}:
            messages.error(request, "Choose what to do.")
            return self._shown(platform, "", status=HTTPStatus.UNPROCESSABLE_ENTITY)
        elif act == "close":
            hook_secrets.close_hook(hook, by=by)
        else:
            return self._secret(platform, hook, act)
        return redirect("notices:hook", slug=slug)

    def _secret(self, platform: Platform, hook: AnswerHook, act: str) -> HttpResponse:
        try:
            return self._shown(platform, ACTS[act](hook, by=person(self.request)))
        except TransitionNotAllowed as refusal:
            messages.error(self.request, refusal.message)
            return self._shown(platform, "")

    def _platform(self, request: HttpRequest, slug: str) -> Platform:
        found: Platform = get_object_or_404(Platform.objects.visible_to(person(request)), slug=slug)
        return found

    def _shown(self, platform: Platform, secret: str, status: int = HTTPStatus.OK) -> HttpResponse:
        hook = AnswerHook.objects.filter(platform=platform).first()
        context = {
            "platform": platform,
            "hook": hook,
            "secret": secret,
            "address": f"{settings.SITE_URL.rstrip('/')}{reverse('api:answer-webhook', args=[platform.slug])}",
            "overlap": hook.old_secret_until if hook and len(hook.signing(timezone.now())) > 1 else None,
            "crumbs": [
                ("Platforms", reverse("platforms:platform_list")),
                (platform.name, reverse("platforms:platform_detail", args=[platform.slug])),
            ],
        }
        return render(self.request, "notices/hook.html", context, status=status)


@allow(Permission.SEE_CASEWORK)
class HookMessages(Listing):
    """What came in, the latest first."""

    model = HookMessage
    related = ("hook__platform",)
    template_name = "notices/hook_messages.html"

    def visible(self) -> QuerySet:
        return super().visible().defer("body").prefetch_related("readings").order_by("-pk")


@allow(Permission.SEE_CASEWORK)
class HookMessageDetail(DetailView):
    """One message as it came, and each reading."""

    template_name = "notices/hook_message.html"
    context_object_name = "message"

    def get_queryset(self) -> QuerySet:
        rows = HookMessage.objects.visible_to(person(self.request)).select_related("hook__platform")
        return rows.prefetch_related("readings__by")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        message: HookMessage = self.object
        text = bytes(message.body).decode(errors="backslashreplace")
        took = message.took
        may = message.verified and person(self.request).can(Permission.SEND_NOTICE)
        return super().get_context_data(
            text=text[:SHOWN],
            cut=len(text) > SHOWN,
            may_read=may and not any(each.status == HTTPStatus.OK for each in message.readings.all()),
            problems=took.result.get("errors", []) if took else [],
            crumbs=[("Answers by webhook", reverse("notices:hook_messages"))],
            **more,
        )


@allow(Permission.SEND_NOTICE)
@require_POST
def hook_message_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a message again that could not be done before."""
    message = (
        HookMessage.objects.visible_to(person(request)).select_related("hook__platform").filter(pk=pk).first()
    )
    if message is None:
        raise Http404
    try:
        result = hooks.read_again(message, by=person(request))
    except TransitionNotAllowed as refusal:
        messages.error(request, refusal.message)
        return redirect("notices:hook_message", pk=pk)
    if result.repeated:
        messages.info(request, "It had been done before; nothing was done twice.")
    elif result.accepted:
        messages.success(request, f"It is done: notice {result.document['notice']}.")
    else:
        messages.error(request, f"It still cannot be taken: {result.document['detail']}")
    return redirect("notices:hook_message", pk=pk)
