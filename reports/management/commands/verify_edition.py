"""Compute the figures of editions again from the records of now, and compare byte for byte."""

from argparse import ArgumentParser
from typing import Any

from accounts.commands import DeskCommand, Refused
from casework.transitions import TransitionNotAllowed
from reports import editions
from reports.editions import Rerun
from reports.models import Edition

MOST_SHOWN = 20


class Command(DeskCommand):
    help = "Compute an edition again; exits 1 and names what differs unless every byte is the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", metavar="REF", help="Like E2026-000007.")

    def handle(self, *, reference: str, **options: Any) -> None:
        edition = Edition.objects.filter(reference__iexact=reference).first()
        if edition is None:
            raise Refused(f"There is no edition {reference}.", code="unknown_edition")
        try:
            again = editions.rerun(edition)
        except TransitionNotAllowed as refusal:
            raise Refused(refusal.message, code="not_frozen") from refusal
        if self.as_json:
            self.print_json(_document(again))
        elif again.equal:
            self.stdout.write(f"{edition}: every byte is the same, SHA-256 {again.document_sha256}")
        if not again.equal:
            raise Refused(_told(again), code="different", shown=True)


def _document(again: Rerun) -> dict[str, Any]:
    differences = [
        {"group": each.group, "figure": each.figure, "old": each.old, "new": each.new}
        for each in again.differences
    ]
    return {
        "reference": again.edition.reference,
        "equal": again.equal,
        "document_sha256": again.document_sha256,
        "code_version": again.code_version,
        "differences": differences,
    }


def _told(again: Rerun) -> str:
    shown = [
        f"  {each.group}, {each.figure}: {each.old}, now {each.new}"
        for each in again.differences[:MOST_SHOWN]
    ]
    return "\n".join([f"{again.edition} is not the same: {len(again.differences)} figures differ.", *shown])
