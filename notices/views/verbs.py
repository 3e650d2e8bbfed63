"""The pages that move one notice on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework.transitions import TransitionNotAllowed
from casework.views.lifecycles import PlainVerb, VerbConverter, plain
from notices import answers, clocks, conversation, dispatch, drafting, hand_off, telling
from notices.channels import webhook
from notices.forms import (
    AcknowledgeForm,
    BounceForm,
    MessageForm,
    ReceiptForm,
    ResolveForm,
    SendForm,
    TellingForm,
)
from notices.lifecycle import LIFECYCLE
from notices.models import Dispatch
from notices.views.buttons import GRAVE
from notices.views.edges import NoticePage, notice_url
from platforms.models import ChannelKind

PLAIN = plain(LIFECYCLE)
# Each is called with the notice, what its form holds, and `by`.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "submit": drafting.submit,
    "return": drafting.send_back,
    "approve": drafting.approve,
    "queue": dispatch.queue,
    "clarify": answers.clarify,
    "reply": answers.reply,
    "close": answers.close,
    "withdraw": answers.withdraw,
    "discard": drafting.discard,
}
TOLD = {
    "submit": "The letter is frozen and waits for approval by another reviewer.",
    "return": "The notice is a draft again.",
    "approve": "The letter is approved and can be sent.",
    "queue": "The letter is on its way. This page says so when it has left.",
    "clarify": "Your question is sent; the clock stands until the reply.",
    "reply": "The reply is recorded; the clock goes on.",
    "close": "The notice is closed.",
    "withdraw": "The notice is withdrawn.",
    "discard": "The notice is discarded. Its items can be put into another.",
}
EXPLAINED = {
    "submit": "The text and its lines are frozen, and a reviewer who did not draft it approves it.",
    "approve": "You have read the letter, and it may leave as it is.",
    "queue": "The letter leaves exactly as it was approved.",
    "withdraw": "The platform is no longer asked to act; what it has answered stays. The portal shows it as "
    "withdrawn. No letter leaves by itself: draft the one that tells the platform afterwards.",
    "discard": "This letter will not leave. It stays readable, and its items wait for another notice.",
}


class NoticeVerbConverter(VerbConverter):
    regex = "|".join(row.verb for row in PLAIN)


@allow(*{row.permission for row in PLAIN if row.permission})
class NoticeVerb(PlainVerb, NoticePage):
    lifecycle = LIFECYCLE
    template_name = "notices/notice_verb.html"

    def get_form_class(self) -> type[Form]:
        if self.transition.verb == "queue":
            return SendForm
        if self.transition.verb in {"clarify", "reply"}:
            return MessageForm
        return super().get_form_class()

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"platform": self.notice.platform} if self.transition.verb == "queue" else {}
        return {**super().get_form_kwargs(), **more}

    def get_initial(self) -> dict[str, Any]:
        return {"channel": self.notice.channel_id}

    def act(self, form: Any) -> str:
        FUNCTIONS[self.transition.verb](self.notice, **form.cleaned_data, by=person(self.request))
        return TOLD[self.transition.verb]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        verb = self.transition.verb
        shown = {"lead": EXPLAINED.get(verb, ""), "warning": verb in GRAVE}
        if verb == "reply":
            shown["questions"] = conversation.messages(self.notice)
        return super().get_context_data(**shown, **more)


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
class Acknowledge(NoticePage):
    form_class = AcknowledgeForm
    title = "Acknowledge"
    button = "Acknowledge"
    done = "The notice is acknowledged."

    def act(self, form: Any) -> None:
        answers.acknowledge(self.notice, **form.cleaned_data, by=person(self.request))


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
class Object(NoticePage):
    """The platform objects to the notice as a whole."""

    form_class = MessageForm
    title = "Object to the notice"
    button = "Save the objection"
    done = "The objection is recorded."

    def act(self, form: Any) -> None:
        answers.object_to(self.notice, **form.cleaned_data, by=person(self.request))


@allow(Permission.SEND_NOTICE)
class Bounce(NoticePage):
    """A letter that had left came back."""

    form_class = BounceForm
    template_name = "notices/notice_bounce.html"
    title = "Record a bounce"
    button = "Record the bounce"
    done = "It is recorded as not delivered. Send it over another channel, or discard it."
    warning = True

    def act(self, form: Any) -> None:
        dispatch.delivery_failed(self.notice, **form.cleaned_data, by=person(self.request))


@allow(Permission.SEND_NOTICE)
class Received(NoticePage):
    """Evidence of receipt that came later than the sending."""

    form_class = ReceiptForm
    template_name = "notices/notice_received.html"
    title = "Record the receipt"
    button = "Record the receipt"
    done = "The receipt is recorded; the clock runs from it."

    def act(self, form: Any) -> None:
        dispatch.received(self.notice, **form.cleaned_data, by=person(self.request))

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        promise = clocks.promise_for(self.notice, self.notice.severity)
        return super().get_context_data(promise=promise, **more)


@allow(Permission.SEND_NOTICE)
class Told(NoticePage):
    """A call or a meeting about a notice."""

    form_class = TellingForm
    template_name = "notices/notice_told.html"
    title = "Note a call or meeting"
    button = "Save the note"
    done = "The note is saved."

    def act(self, form: Any) -> None:
        telling.tell(self.notice, **form.cleaned_data, by=person(self.request))

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(desks=self.notice.platform.contacts.exclude(telephone=""), **more)


@allow(Permission.SEND_NOTICE)
@require_POST
def dispatch_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a message by webhook over once more."""
    rows = Dispatch.objects.visible_to(person(request)).select_related("notice", "channel")
    dispatched = get_object_or_404(rows, pk=pk)
    try:
        dispatch.replay(dispatched, by=person(request))
        messages.success(request, "The message is handed over again. Its log shows what comes of it.")
    except TransitionNotAllowed as refusal:
        messages.error(request, refusal.message)
    return redirect(notice_url(dispatched.notice))


@allow(Permission.SEND_NOTICE)
class DispatchResolve(NoticePage):
    """Nobody knows whether a letter left: a person finds out and says so."""

    form_class = ResolveForm
    template_name = "notices/dispatch_resolve.html"
    button = "Record it"

    @property
    def by_hand(self) -> bool:
        return bool(self.dispatched.channel.kind == ChannelKind.BY_HAND)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by_hand": self.by_hand}

    def get_subject(self) -> Any:
        visible = Dispatch.objects.visible_to(person(self.request)).select_related(
            "notice__platform", "channel"
        )
        self.dispatched = get_object_or_404(visible, pk=self.kwargs["pk"])
        return self.dispatched.notice

    def act(self, form: Any) -> str:
        dispatch.resolve_unknown(self.dispatched, **form.cleaned_data, by=person(self.request))
        if form.cleaned_data["arrived"]:
            return "It is recorded as sent."
        if self.by_hand:
            return "It is recorded as not delivered. Send it over another channel, or discard it."
        return "It is back in the queue and leaves again."

    def back(self) -> str:
        return notice_url(self.notice)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        channel = self.dispatched.channel
        shown = {
            "dispatch": self.dispatched,
            "by_hand": self.by_hand,
            "title": "Deliver by hand" if self.by_hand else "Did it arrive?",
            "sections": hand_off.sections(self.notice, channel) if self.by_hand else [],
            "webhook_id": webhook.message_id(self.notice),
        }
        return super().get_context_data(**{**shown, **more})
