"""Prepare an edition of takedown statistics and wait until its figures are frozen."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from accounts.commands import DeskCommand, Refused, WrongArguments, acting
from reports import editions, work
from reports.asking import groupings
from reports.management.commands.takedown_statistics import add_scope, read_scope
from reports.models import Edition, Rounding, Threshold
from reports.periods import instant, stamp


class Command(DeskCommand):
    help = "Prepare an edition: a draft whose figures are frozen. Somebody else approves it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_scope(
            parser,
            as_at="28 days after the period, or now",
            known_by="three working days after the as-at, or now",
        )
        parser.add_argument("--title", required=True)
        parser.add_argument("--prepared-by", required=True, metavar="EMAIL", help="Who prepares it.")
        parser.add_argument("--threshold", type=int, choices=Threshold.values, default=Threshold.FIVE)
        parser.add_argument("--rounding", type=int, choices=Rounding.values, default=Rounding.NONE)

    def handle(self, **options: Any) -> None:
        try:
            by, scope = groupings(options["by"]), read_scope(options)
            given = {name: options[name] and instant(options[name]) for name in ("as_at", "known_by")}
        except ValueError as error:
            raise WrongArguments(str(error)) from error
        as_at, known_by = editions.moments(scope.period, given["as_at"], given["known_by"])
        edition = editions.prepare(
            replace(scope, as_at=as_at, known_by=known_by),
            title=options["title"],
            grouped_by=",".join(by),
            threshold=options["threshold"],
            rounding=options["rounding"],
            by=acting(options["prepared_by"]),
        )
        job = work.run(edition.jobs.get().pk)
        if job.problem:
            raise Refused(job.problem, code="failed")
        self.tell(edition)

    def tell(self, edition: Edition) -> None:
        frozen = edition.frozen
        assert frozen is not None
        document = {
            "reference": edition.reference,
            "status": edition.status,
            "as_at": stamp(edition.as_at),
            "known_by": stamp(edition.known_by),
            "provisional": edition.provisional,
            "rows": frozen.rows,
            "rows_sha256": frozen.rows_sha256,
            "document_sha256": frozen.document_sha256,
        }
        if self.as_json:
            self.print_json(document)
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in document.items()))
