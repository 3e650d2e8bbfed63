"""Say whether the figures support a sentence."""

from argparse import ArgumentParser
from typing import Any

from accounts.commands import DeskCommand, Refused, WrongArguments
from reports.claim_forms import names_here
from reports.claims import Verdict, check
from reports.editions import frozen_document
from reports.models import Edition


class Command(DeskCommand):
    help = "Check a sentence: “over 90% of posts on X were taken down within 24 hours in 2026 Q2, as at 28 July”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sentence")
        parser.add_argument(
            "--edition", default="", metavar="REF", help="Answer from its frozen figures, like E2026-000007."
        )

    def handle(self, **options: Any) -> None:
        if not options["sentence"].strip():
            raise WrongArguments("Give the sentence.")
        verdict = check(options["sentence"], _document(options["edition"]), names=names_here())
        if self.as_json:
            self.print_json(verdict.as_dict())
        else:
            self.stdout.write("\n".join(_lines(verdict)))


def _document(reference: str) -> dict[str, Any] | None:
    """The frozen figures of the edition named, if one is."""
    if not reference:
        return None
    try:
        return frozen_document(reference, Edition.objects.all())[1]
    except ValueError as error:
        raise Refused(str(error), code="no_figures") from error


def _lines(verdict: Verdict) -> list[str]:
    read = ", ".join(f"{name} {text}" for name, text in verdict.claim.as_dict().items() if text)
    ratio = [f"Exactly: {verdict.ratio}"] if verdict.ratio else []
    said = [f"What may be said: {verdict.sentence}"] if verdict.sentence else []
    return [
        verdict.verdict.capitalize(),
        *verdict.missing,
        f"Read: {read or 'nothing'}",
        *ratio,
        *verdict.notes,
        *said,
    ]
