"""The pages that move one edition on."""

from collections.abc import Callable
from typing import Any, cast

from django.forms import Form
from django.urls import reverse

from accounts.guards import allow
from accounts.pages import Crumbs, person
from accounts.roles import Permission
from casework.views.edges import EdgePage
from casework.views.lifecycles import PlainVerb, VerbConverter, plain
from reports import editions, public_copies
from reports.forms import MakePublicForm, ReviseForm
from reports.lifecycle import LIFECYCLE
from reports.models import Edition
from reports.views.edition_buttons import GRAVE
from reports.views.editions import edition_url, visible_edition

PLAIN = plain(LIFECYCLE)
# Each is called with the edition, what its form holds, and `by`.
FUNCTIONS: dict[str, Callable[..., Edition]] = {
    "approve": editions.approve,
    "publish": editions.publish,
    "withdraw": editions.withdraw,
    "discard": editions.discard,
}
TOLD = {
    "approve": "The edition is approved and can be published.",
    "publish": "The edition is published. Everybody who sees figures can open it.",
    "withdraw": "The edition is withdrawn. It stays readable, marked so.",
    "discard": "The edition is discarded.",
}
EXPLAINED = {
    "approve": "You have looked at the figures, and their scope and settings are right.",
    "publish": "From now on everybody who sees figures can open it. What it revises is superseded.",
    "withdraw": "No other edition takes its place. If you have better figures, revise it instead.",
    "discard": "It will not be published. Its figures stay kept, and its scope can be prepared again.",
}

PUBLIC = "The edition is public."
PUBLIC_LEAD = (
    "From then on everybody can read its title and its figures, small counts left out. That cannot be taken back: later"
    " public editions are compared with it, so that no small count is told by subtraction."
)
LEFT_OUT = (
    "count is left out because an earlier public edition would give it away: see below.",
    "counts are left out because earlier public editions would give them away: see below.",
)


class EditionVerbConverter(VerbConverter):
    regex = "|".join(row.verb for row in PLAIN)


class EditionPage(EdgePage):
    """A verb page about one edition."""

    @property
    def edition(self) -> Edition:
        return cast(Edition, self.subject)

    def get_subject(self) -> Edition:
        return visible_edition(self.request, self.kwargs["reference"])

    def back(self) -> str:
        return edition_url(self.edition)

    def crumbs(self) -> Crumbs:
        return [("Editions", reverse("reports:edition_list")), (self.edition.reference, self.back())]


@allow(*{row.permission for row in PLAIN if row.permission})
class EditionVerb(PlainVerb, EditionPage):
    lifecycle = LIFECYCLE

    def act(self, form: Form) -> str:
        verb = self.transition.verb
        FUNCTIONS[verb](self.edition, **form.cleaned_data, by=person(self.request))
        return TOLD[verb]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        verb = self.transition.verb
        return super().get_context_data(lead=EXPLAINED[verb], warning=verb in GRAVE, **more)


@allow(Permission.RELEASE_EDITION)
class MakePublic(EditionPage):
    form_class = MakePublicForm
    title = "Make public"
    button = "Make public"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(lead=PUBLIC_LEAD, **more)

    def act(self, form: Form) -> str:
        copy = public_copies.make_public(self.edition, **form.cleaned_data, by=person(self.request))
        left_out = len(copy.withheld_beside)
        return PUBLIC if not left_out else f"{PUBLIC} {left_out} {LEFT_OUT[left_out > 1]}"


@allow(Permission.PREPARE_EDITION)
class Revise(EditionPage):
    form_class = ReviseForm
    title = "Revise"
    button = "Compute the revision"
    done = "The revision is a draft. Once published, it takes the place of the edition it revises."
    made: Edition | None = None

    def get_initial(self) -> dict[str, Any]:
        return {"as_at": self.edition.as_at, "known_by": self.edition.known_by}

    def act(self, form: Form) -> None:
        self.made = editions.revise(self.edition, **form.cleaned_data, by=person(self.request))

    def back(self) -> str:
        return edition_url(self.made or self.edition)
