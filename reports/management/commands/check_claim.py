"""Say whether the figures support a sentence."""

from argparse import ArgumentParser
from typing import Any

from accounts.commands import DeskCommand, WrongArguments
from reports.claim_forms import names_here
from reports.claims import Verdict, check


class Command(DeskCommand):
    help = "Check a sentence: “over 90% of posts on X were taken down within 24 hours in 2026 Q2, as at 28 July”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sentence")

    def handle(self, **options: Any) -> None:
        if not options["sentence"].strip():
            raise WrongArguments("Give the sentence.")
        verdict = check(options["sentence"], names=names_here())
        if self.as_json:
            self.print_json(verdict.as_dict())
        else:
            self.stdout.write("\n".join(_lines(verdict)))


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
