"""Answering lines of a notice, one or many at a time: the platform's liaison, or one of us on its behalf."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission, can
from casework.events import Actor
from notices import answers, contested
from notices.answer_rules import claims_for
from notices.forms import AnswerForm
from notices.models import AnswerSource, Line
from notices.views.edges import NoticePage


class AnswerPage(NoticePage):
    """One answer for the lines that are selected; who may open it is said where it is used."""

    form_class = AnswerForm
    template_name = "notices/notice_answer.html"
    title = "Answer"
    button = "Save the answer"

    @property
    def on_behalf(self) -> bool:
        return not can(person(self.request), Permission.ANSWER_NOTICE)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "on_behalf": self.on_behalf, "claims": claims_for(self.notice)}

    def given_by(self) -> Actor:
        """Whose answer this is."""
        return person(self.request)

    def marked(self, lines: QuerySet) -> Iterable[Line]:
        """With what disputes them."""
        return contested.mark(lines, person(self.request))

    def lines(self) -> QuerySet:
        lines = Line.objects.visible_to(person(self.request)).filter(notice=self.notice)
        return lines.select_related("item", *contested.OF_DISPUTE)

    def chosen(self) -> Sequence[str]:
        """Positions of the lines selected, or asked for by `?line=`; at first, the only one that is open."""
        if self.request.method == "POST":
            return self.request.POST.getlist("selected")
        if asked := self.request.GET.getlist("line"):
            return asked
        unanswered = [str(line.position) for line in self.lines().filter(answer="")[:2]]
        return unanswered if len(unanswered) == 1 else []

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.positions():
            form.add_error(None, "Select at least one line.")
            return self.form_invalid(form)
        return super().form_valid(form)

    def positions(self) -> list[int]:
        return [int(number) for number in self.chosen() if number.isdecimal() and len(number) < 7]

    def act(self, form: Any) -> str:
        source = AnswerSource.ON_BEHALF if self.on_behalf else AnswerSource.PORTAL
        lines = list(self.lines().filter(position__in=self.positions()))
        made = answers.answer_lines(lines, **form.cleaned_data, source=source, by=self.given_by())
        return f"{len(made)} line{' is' if len(made) == 1 else 's are'} answered: {made[0].get_answer_display()}."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        chosen = self.positions()
        rows = [(line, line.position in chosen) for line in self.marked(self.lines().order_by("position"))]
        return super().get_context_data(rows=rows, on_behalf=self.on_behalf, **more)


@allow(Permission.ANSWER_NOTICE, Permission.ANSWER_ON_BEHALF)
class NoticeAnswer(AnswerPage):
    """For whoever is signed in."""
