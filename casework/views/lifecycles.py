"""What the pages of every lifecycle share: the address part of a verb, one page for all plain verbs, the buttons."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form

from accounts.pages import VerbPage, person
from accounts.roles import can
from casework.forms import ConfirmForm, ReasonForm
from casework.transitions import Lifecycle, Transition

Button = tuple[str, str, str]  # label, address, kind
KINDS = ("", "secondary", "warning")


def plain(lifecycle: Lifecycle) -> tuple[Transition, ...]:
    """The verbs that people use and that need a reason at most."""
    return tuple(row for row in lifecycle.table if row.permission is not None and not row.form)


class VerbConverter:
    """The part of an address that names a verb; a lifecycle's own converter gives the `regex`."""

    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PlainVerb(VerbPage):
    """One page for every verb of the table that needs a reason or nothing."""

    lifecycle: Lifecycle

    @property
    def transition(self) -> Transition:
        return self.lifecycle.find(self.kwargs["verb"])

    def get_subject(self) -> Any:
        permission = self.transition.permission
        if permission is None or not can(person(self.request), permission):
            raise PermissionDenied("Your role does not include this.")
        return super().get_subject()

    def get_form_class(self) -> type[Form]:
        return ReasonForm if self.transition.needs_reason else ConfirmForm

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        title = self.transition.title
        return super().get_context_data(**{"title": title, "button": title, **more})


def in_order(
    moves: Iterable[Transition],
    steps: Sequence[Button],
    *,
    address: Callable[[str], str],
    leading: Collection[str],
    grave: Collection[str],
) -> list[Button]:
    """Buttons for the verbs and the further steps: what leads the work on first, what cannot be undone last."""
    made = [
        (row.title, address(row.verb), "" if row.verb in leading else KINDS[1 + (row.verb in grave)])
        for row in moves
    ]
    return sorted([*steps, *made], key=lambda button: KINDS.index(button[2]))
