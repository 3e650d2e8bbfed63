"""What the desk does by itself, of all platforms at one glance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework.views.checkers import Switch, Vantage, named, switches, vantages
from notices.models import AnswerHook, AutomaticSteps
from platforms.models import Platform


@dataclass(frozen=True)
class Automatic:
    """What is on for one platform; `visits` has a switch for each vantage of a checker, with its heading."""

    platform: Platform
    steps: AutomaticSteps | None
    takes_webhooks: bool
    visits: list[tuple[str, Switch]]

    @property
    def anything(self) -> bool:
        steps = self.steps is not None and (self.steps.chases or self.steps.escalates)
        return steps or self.takes_webhooks or any(switch.is_on for _, switch in self.visits)


@allow(Permission.SEE_CASEWORK, Permission.MANAGE_PLATFORMS)
@require_safe
def automatic_list(request: HttpRequest) -> HttpResponse:
    """Platforms for which something runs by itself, and the names of the others."""
    user, seen_from = person(request), vantages()
    rows = _rows(Platform.objects.visible_to(user).active().order_by("name"), seen_from)
    context: dict[str, Any] = {
        "rows": [row for row in rows if row.anything],
        "others": [row.platform for row in rows if not row.anything],
        "columns": "|".join(
            ["Platform", "Chasers", "Escalation", "Answers by webhook", *map(_heading, seen_from)]
        ),
        "may_set_steps": user.can(Permission.SET_LADDER),
        "may_manage": user.can(Permission.MANAGE_PLATFORMS),
        "crumbs": [("Platforms", reverse("platforms:platform_list"))],
    }
    return render(request, "notices/automatic_list.html", context)


def _rows(platforms: Iterable[Platform], seen_from: Sequence[Vantage]) -> list[Automatic]:
    steps = {row.platform_id: row for row in AutomaticSteps.objects.all()}
    hooks = set(AnswerHook.objects.filter(is_open=True).values_list("platform_id", flat=True))
    return [
        Automatic(
            platform,
            steps.get(platform.pk),
            platform.pk in hooks,
            list(zip(map(_heading, seen_from), visits, strict=True)),
        )
        for platform, visits in switches(platforms, seen_from)
    ]


def _heading(vantage: Vantage) -> str:
    return f"Looks from{named(*vantage).removeprefix('From')}"
