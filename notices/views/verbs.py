"""The pages that move one notice on."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.shortcuts import get_object_or_404

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework.views.lifecycles import PlainVerb, VerbConverter, plain
from notices import answers, dispatch, drafting
from notices.forms import AcknowledgeForm, MessageForm, ResolveForm, SendForm
from notices.lifecycle import LIFECYCLE
from notices.models import Dispatch
from notices.views.edges import NoticePage, notice_url

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
}
EXPLAINED = {
    "submit": "The text and its lines are frozen, and a reviewer who did not draft it approves it.",
    "approve": "You have read the letter, and it may leave as it is.",
    "queue": "The letter leaves exactly as it was approved.",
    "withdraw": "The platform is no longer asked to act. What it has answered stays.",
}


class NoticeVerbConverter(VerbConverter):
    regex = "|".join(row.verb for row in PLAIN)


@allow(*{row.permission for row in PLAIN if row.permission})
class NoticeVerb(PlainVerb, NoticePage):
    lifecycle = LIFECYCLE

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
        return super().get_context_data(lead=EXPLAINED.get(self.transition.verb, ""), **more)


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
class Acknowledge(NoticePage):
    form_class = AcknowledgeForm
    title = "Acknowledge"
    button = "Acknowledge"
    done = "The notice is acknowledged."

    def act(self, form: Any) -> None:
        answers.acknowledge(self.notice, **form.cleaned_data, by=person(self.request))


@allow(Permission.SEND_NOTICE)
class DispatchResolve(NoticePage):
    """Nobody knows whether a letter left: a person finds out and says so."""

    form_class = ResolveForm
    template_name = "notices/dispatch_resolve.html"
    title = "Did it arrive?"
    button = "Record it"

    def get_subject(self) -> Any:
        visible = Dispatch.objects.visible_to(person(self.request)).select_related(
            "notice__platform", "channel"
        )
        self.dispatched = get_object_or_404(visible, pk=self.kwargs["pk"])
        return self.dispatched.notice

    def act(self, form: Any) -> str:
        arrived = form.cleaned_data["arrived"]
        dispatch.resolve_unknown(self.dispatched, arrived=arrived, by=person(self.request))
        return "It is recorded as sent." if arrived else "It is back in the queue and leaves again."

    def back(self) -> str:
        return notice_url(self.notice)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(dispatch=self.dispatched, **more)
