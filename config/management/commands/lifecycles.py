"""`lifecycles`: write docs/lifecycles.md from the tables that the code runs on; `--check` only compares."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import TextChoices

from accounts.roles import GRANTS, Permission, Role
from casework.lifecycle import LIFECYCLE as ITEM
from casework.models import ItemStatus
from casework.transitions import Lifecycle, Transition
from notices.lifecycle import LIFECYCLE as NOTICE
from notices.models import NoticeStatus
from reports.lifecycle import LIFECYCLE as EDITION
from reports.models import EditionStatus

PAGE = settings.BASE_DIR / "docs" / "lifecycles.md"


class Command(BaseCommand):
    help = "Write docs/lifecycles.md from the lifecycle tables and the grants."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail if the page is out of date."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        page = "\n".join(_page()) + "\n"
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/lifecycles.md is out of date; run `make docs`.")


def _page() -> Iterator[str]:
    yield "# Lifecycles and permissions"
    yield ""
    yield "Written by `make docs` from the tables in `casework/lifecycle.py`, `notices/lifecycle.py`,"
    yield "`reports/lifecycle.py` and `accounts/roles.py`; change those, not this page."
    yield from _lifecycle("Item: handling", ITEM, ItemStatus)
    yield from _lifecycle("Notice", NOTICE, NoticeStatus)
    yield from _lifecycle("Edition", EDITION, EditionStatus)
    yield from _grants()


def _lifecycle(title: str, lifecycle: Lifecycle, statuses: type[TextChoices]) -> Iterator[str]:
    order = list(statuses.values)
    yield from ("", f"## {title}", "", "```mermaid", "stateDiagram-v2")
    for row in lifecycle.table:
        for source in sorted(row.sources, key=order.index):
            yield f"    {source} --> {row.target or 'status_before'}: {row.verb}"
    yield from ("```", "", "| verb | from | to | who | event |", "|---|---|---|---|---|")
    for row in lifecycle.table:
        sources = ", ".join(sorted(row.sources, key=order.index))
        target = row.target or "the status before"
        yield f"| {row.verb} | {sources} | {target} | {_who(row)} | `{lifecycle.noun}.{row.done}` |"


def _who(row: Transition) -> str:
    if row.permission is None:
        return "the system"
    return ", ".join(role.label.lower() for role in Role if row.permission in GRANTS[role])


def _grants() -> Iterator[str]:
    yield from ("", "## Who may do what", "", f"| permission | {' | '.join(role.label for role in Role)} |")
    yield "|---" * (len(Role) + 1) + "|"
    for permission in Permission:
        marks = " | ".join("yes" if permission in GRANTS[role] else "" for role in Role)
        yield f"| {permission.value.replace('_', ' ')} | {marks} |"
