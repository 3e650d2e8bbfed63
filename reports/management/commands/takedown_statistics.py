"""Print the takedown statistics of a period, or the episode rows behind them."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from accounts.commands import DeskCommand, WrongArguments
from casework.models import Category, Kind
from platforms.models import ChannelKind, Platform, Severity
from reports.asking import groupings, not_yet
from reports.facts import GROUPINGS, Scope, episodes, line
from reports.figures import figures
from reports.models import FILTERS
from reports.periods import Period, day, instant
from reports.printout import print_out


class Command(DeskCommand):
    help = "Print takedown statistics (docs/statistics.md) of a period of days in Europe/London."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_scope(parser, as_at="now", known_by="the as-at")
        parser.add_argument(
            "--episodes", action="store_true", help="Print one JSON line per episode instead."
        )

    def handle(self, **options: Any) -> None:
        try:
            by, scope = groupings(options["by"]), read_scope(options)
        except ValueError as error:
            raise WrongArguments(str(error)) from error
        if options["episodes"]:
            for row in episodes(scope):
                self.stdout.write(line(row))
            return
        document = figures(scope, by)
        self.stdout.write(
            json.dumps(document, indent=1, ensure_ascii=False) if self.as_json else print_out(document)
        )


def add_scope(parser: ArgumentParser, *, as_at: str, known_by: str) -> None:
    """The arguments that `read_scope` takes, and `--by`; the defaults in words."""
    parser.add_argument(
        "--from", dest="first", required=True, metavar="DAY", help="First day, like 2020-01-01."
    )
    parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="Last day, included.")
    parser.add_argument(
        "--as-at", metavar="TIME", help=f"Count what had happened by then; with its zone. Default: {as_at}."
    )
    parser.add_argument(
        "--known-by", metavar="TIME", help=f"Count what was recorded by then. Default: {known_by}."
    )
    parser.add_argument("--by", default="", metavar="A,B", help=f"Group by {', '.join(GROUPINGS)}.")
    parser.add_argument("--platform", default="", metavar="SLUG")
    parser.add_argument("--category", default="", metavar="SLUG", help="With everything below it.")
    parser.add_argument("--kind", default="", choices=["", *Kind.values], metavar="KIND")
    parser.add_argument("--channel", default="", choices=["", *ChannelKind.values], metavar="CHANNEL")
    parser.add_argument("--language", default="", metavar="CODE", help="ISO 639, as the items have it.")
    parser.add_argument("--severity", default="", choices=["", *Severity.values], metavar="SEVERITY")


def read_scope(options: dict[str, Any]) -> Scope:
    """The scope that the options name; raises `ValueError` saying which is wrong and what would be right."""
    _check_known("platform", options["platform"], Platform.objects.values_list("slug", flat=True))
    _check_known("category", options["category"], Category.objects.values_list("slug", flat=True))
    as_at = _passed("as-at", options["as_at"]) if options["as_at"] else datetime.now(UTC)
    return Scope(
        period=Period(day(options["first"]), day(options["last"])),
        as_at=as_at,
        known_by=_passed("known-by", options["known_by"]) if options["known_by"] else as_at,
        **{name: options[name] for name in FILTERS},
    )


def _passed(what: str, text: str) -> datetime:
    at = instant(text)
    if wrong := not_yet(at):
        raise ValueError(f"--{what} “{text}”: {wrong}")
    return at


def _check_known(what: str, slug: str, known: Iterable[str]) -> None:
    if slug and slug not in known:
        raise ValueError(f"There is no {what} “{slug}”. Known: {', '.join(sorted(known))}.")
