"""The items of a notice for programs to read: as CSV and as JSON, frozen with the letter, which prints their SHA-256.

The fields are described in docs/letters.md. Each file is accompanied by a detached signature (`signature`).
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.cells import harmless
from casework import signing, store
from notices.disclosed import Disclosed, DisclosedLine, disclose
from notices.models import Notice

FORMAT = "takedown-desk-items/1"
CSV_NAME, JSON_NAME = "items.csv", "items.json"
NAMES = (CSV_NAME, JSON_NAME)
SIGNED = ".sig"
KEYS_PATH = "/.well-known/item-list-keys.json"
COLUMNS = (
    "line", "url", "previous_url", "native_id", "author_handle", "kind", "reference", "legal_ground",
    "legal_ground_name", "policy_clause", "policy_clause_title", "policy_clause_url", "severity", "reasons",
)  # fmt: skip
MARKING = "marking"  # a last column, where the notice is marked


def files(told: Disclosed) -> dict[str, bytes]:
    """Both lists by their names; equal notices give equal bytes."""
    return {CSV_NAME: _as_csv(told), JSON_NAME: _as_json(told)}


def frozen(notice: Notice) -> dict[str, bytes]:
    """The lists that were frozen with the letter; of a draft, and of what was frozen without, as they are now.

    Raises `ValueError` or `OSError` if the store does not have them any more.
    """
    if not notice.items_json_sha256:
        return files(disclose(notice))
    kept = {CSV_NAME: notice.items_csv_sha256, JSON_NAME: notice.items_json_sha256}
    return {name: _proven(name, sha256) for name, sha256 in kept.items()}


def checksums(lists: Mapping[str, bytes], words: Mapping[str, Any]) -> str:
    """What the letter says of its lists, in its language."""
    key = f"{settings.SITE_URL.rstrip('/')}{KEYS_PATH}"
    rows = [f"{name} SHA-256\n{hashlib.sha256(content).hexdigest()}" for name, content in lists.items()]
    return "\n".join([words["lists"], *rows, words["list_key"], key])


def signature(content: bytes) -> bytes:
    """Ed25519 over exactly these bytes, in base64 and with a line break. Raises `casework.signing.NoKey`."""
    key = signing.private_key(may_make=True, path=settings.LIST_KEY_FILE)
    return f"{signing.sign(content, key)}\n".encode("ascii")


def public_keys() -> list[str]:
    """The keys that have signed lists, in base64, the present one last. Raises `casework.signing.NoKey`."""
    present = signing.public_half(signing.private_key(may_make=True, path=settings.LIST_KEY_FILE))
    earlier = sorted((signing.known_keys(settings.LIST_KEY_FILE) or frozenset()) - {present})
    return [*earlier, present]


def _proven(name: str, sha256: str) -> bytes:
    content = store.get(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{name} is not the one that was frozen with the letter.")
    return content


def _as_csv(told: Disclosed) -> bytes:
    """UTF-8 with a mark that spreadsheets understand; no cell runs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, MARKING] if told.marking else COLUMNS)
    for line in told.lines:
        cells = [str(value) for value in _cells(line)]
        writer.writerow([harmless(cell) for cell in ([*cells, told.marking] if told.marking else cells)])
    return out.getvalue().encode("utf-8-sig")


def _cells(line: DisclosedLine) -> tuple[object, ...]:
    ground, clause = line.ground, line.clause
    return (
        line.position, line.address, line.was, line.identifier, line.owner, line.kind, line.reference,
        ground.code if ground else "", ground.name if ground else "",
        clause.code if clause else "", clause.title if clause else "", clause.url if clause else "",
        line.severity, line.reasons,
    )  # fmt: skip


def _as_json(told: Disclosed) -> bytes:
    document = {
        "format": FORMAT,
        "marking": told.marking,
        "handling": told.handling,
        "notice": {
            "reference": told.reference,
            "kind": told.kind,
            "follows": told.follows or None,
            "platform": told.platform,
            "language": told.language,
            "severity": told.severity,
            "threat_to_life": told.threat_to_life,
            "sender_org": told.organisation,
            "sender_name": told.sender_name,
            "sender_email": told.sender_email,
            "good_faith": told.good_faith,
            "explanation": told.explanation,
        },
        "lines": [line_as_json(line) for line in told.lines],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, default=_moment) + "\n").encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def line_as_json(line: DisclosedLine) -> dict[str, Any]:
    """One line, as in `items.json`."""
    ground, clause = line.ground, line.clause
    return {
        "line": line.position,
        "url": line.address,
        "previous_url": line.was or None,
        "native_id": line.identifier,
        "author_handle": line.owner,
        "kind": line.kind,
        "reference": line.reference,
        "legal_ground": [{"code": ground.code, "name": ground.name}] if ground else [],
        "policy_clause": [{"code": clause.code, "title": clause.title, "url": clause.url}] if clause else [],
        "severity": line.severity,
        "reasons": line.reasons,
        "dispute": asdict(line.dispute) if line.dispute else None,
        "back": asdict(line.back) if line.back else None,
    }
