"""Sealing and verifying 50,000 events, beside one plain pass that writes the same rows as JSON and hashes them."""

from collections.abc import Iterable

from django.db import connection

from benchmarks.figures import Figure, seconds
from casework import sealing, seals, verification
from casework.models import Event

ROWS = 50_000
FILL = """
INSERT INTO casework_event (kind, old, new, actor_name, reason, details, notice, at, recorded_at)
SELECT 'case.noted', '', '', 'Officer ' || (number %% 20), 'A reason of ordinary length, number ' || number,
       jsonb_build_object('filename', 'shot-' || number || '.png', 'sha256', md5(number::text)), '', now(), now()
FROM generate_series(1, %s) AS number
"""


def measure() -> Iterable[Figure]:
    sealing.seal_history()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [ROWS])
    plain = seconds(_plain_pass)
    yield Figure(
        f"sealing {ROWS:,} events", seconds(_seal), "one plain pass of JSON and SHA-256", plain, 0.05
    )
    yield Figure(
        f"verify_history, {Event.objects.count():,} events",
        seconds(_verify),
        "the same pass",
        seconds(_plain_pass),
        0.2,
    )


def _plain_pass() -> None:
    columns = ", ".join(seals.history_columns(Event))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sha256(convert_to(string_agg(json_build_array({columns})::text, ',' ORDER BY id), 'UTF8')) "
            "FROM casework_event"
        )


def _seal() -> None:
    done = sealing.seal_history()
    if done.rows != ROWS:
        raise SystemExit(f"Only {done.rows} of {ROWS} rows were sealed.")


def _verify() -> None:
    found = verification.verify()
    if found["broken"] or found["unsealed"]:
        raise SystemExit(f"The history is not whole: {found['broken'] or found['unsealed']}")
