"""Print the annual table of notices by provider, type of content and action taken (S20)."""

import json
from argparse import ArgumentParser
from typing import Any

from accounts.commands import DeskCommand, WrongArguments
from reports.article_22 import of_scope
from reports.disclosure import THRESHOLDS
from reports.management.commands.takedown_statistics import add_scope, read_scope


class Command(DeskCommand):
    help = "Print notices by provider, type of content and action taken (docs/statistics.md, S20), as CSV or JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_scope(parser, as_at="now", known_by="the as-at")
        parser.add_argument(
            "--threshold",
            type=int,
            choices=THRESHOLDS,
            help="As it may be published: smaller counts left out.",
        )

    def handle(self, **options: Any) -> None:
        if options["by"]:
            raise WrongArguments("The annual table is always by provider, type of content and action.")
        try:
            scope = read_scope(options)
        except ValueError as error:
            raise WrongArguments(str(error)) from error
        table = of_scope(scope, threshold=options["threshold"])
        if self.as_json:
            self.stdout.write(json.dumps(table.document(), indent=1, ensure_ascii=False))
        else:
            self.stdout.write("".join(table.csv_lines()), ending="")
