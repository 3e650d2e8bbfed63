"""How far the items first seen in a period have come: from sighting to verified gone, as counts of one cohort."""

from typing import Any

from reports.facts import HERE, MANY, VERIFIED_DOWN, Scope, plan_for, reading, statement

STAGES = {
    "identified": "Identified",
    "assessed": "Assessed",
    "approved": "Approved",
    "notified": "Notified",
    "delivered": "Notice delivered",
    "answered": "Answered by a person",
    "said_down": "Said to be removed",
    "gone": "Verified gone",
}
# Most of the cohort is met in the facts, which the planner cannot know: its parts are hashed and met once.
FROM_FACTS = ("item_id", "delivered", "feedback_at", "claimed_at", "outcome")
SQL = f"{statement(FROM_FACTS)}, {(HERE / 'pipeline.sql').read_text(encoding='utf-8')}"


def counts(scope: Scope) -> dict[str, int]:
    """How many items of the cohort came to each of `STAGES`; those of a channel have all been notified."""
    found = ", ".join(f"count(*) FILTER (WHERE {_reached(stage)})" for stage in STAGES)
    with reading(parameters := _parameters(scope)) as cursor:
        plan_for(cursor, MANY)
        cursor.execute(f"{SQL} SELECT {found} FROM pipeline", parameters)  # noqa: S608 - all names are ours
        return dict(zip(STAGES, cursor.fetchone(), strict=True))


def page(scope: Scope, stage: str, *, offset: int, limit: int) -> tuple[list[int], int]:
    """Keys of items that came to the stage, `limit` from `offset` on, and how many there are. Raises `KeyError`."""
    assert stage in STAGES
    sql = f"""{SQL}, reached AS (SELECT id FROM pipeline WHERE {_reached(stage)})
        SELECT (SELECT count(*) FROM reached),
               ARRAY(SELECT id FROM reached ORDER BY id OFFSET %(offset)s LIMIT %(limit)s)"""  # noqa: S608
    with reading(parameters := {**_parameters(scope), "offset": offset, "limit": limit}) as cursor:
        plan_for(cursor, MANY)
        cursor.execute(sql, parameters)
        number, keys = cursor.fetchone()
    return keys, number


def _reached(stage: str) -> str:
    return "true" if stage == "identified" else stage


def _parameters(scope: Scope) -> dict[str, Any]:
    return {
        **scope.parameters(), "until": "infinity", "before": scope.period.until, "down": list(VERIFIED_DOWN),
    }  # fmt: skip
