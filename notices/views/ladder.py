"""The ladder of a platform, and the step from one rung to the next."""

from typing import Any

from django.utils import timezone

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework.forms import ConfirmForm
from casework.models import ItemStatus
from notices import escalation, ladder
from notices.forms import LadderForm
from notices.models import Notice
from notices.views.edges import NoticePage, notice_url
from platforms.pages import PlatformPage


@allow(Permission.SET_LADDER)
class LadderChange(PlatformPage):
    """By which steps a platform is written to, and how often."""

    form_class = LadderForm
    template_name = "notices/ladder_form.html"
    title = "Ladder"
    button = "Save the ladder"
    done = "The ladder is changed. Letters that are under way keep their step."

    def get_form_kwargs(self) -> dict[str, Any]:
        current = self.platform.channels.filter(is_current=True)
        return {**super().get_form_kwargs(), "steps": ladder.steps(current)}

    def act(self, form: Any) -> None:
        ladder.change(self.platform, form.steps(), by=person(self.request))


@allow(Permission.DRAFT_NOTICE)
class Escalate(NoticePage):
    """A notice to the next rung, about what is still up."""

    form_class = ConfirmForm
    template_name = "notices/notice_escalate.html"
    title = "Escalate"
    button = "Draft the escalation"
    made: Notice | None = None

    def act(self, form: Any) -> str:
        self.made = escalation.escalate(self.notice, by=person(self.request))
        return f"{self.made} is drafted. Read it, then submit it for approval."

    def back(self) -> str:
        return notice_url(self.made or self.notice)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        lines = self.notice.lines.filter(item__status=ItemStatus.NOTIFIED).select_related("item")
        return super().get_context_data(
            rung=ladder.next_rung(self.notice),
            obstacle=escalation.obstacle(self.notice, timezone.now()),
            lines=lines,
            **more,
        )
