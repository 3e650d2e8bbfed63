"""Looks at the items of a scope since their notice: by whom, and how many told nothing."""

from dataclasses import dataclass
from typing import Any

from casework.models import OBSERVATIONS
from reports.facts import Scope, reading, statement

LOOKS = f"""{statement(["item_id", "t0", "platform"])}, letter AS (
    SELECT item_id, min(t0) AS t0, min(platform) AS platform FROM facts GROUP BY item_id
), made AS (
    SELECT c.id, n.platform, c.method, c.verdict <> ALL (%(observations)s) AS blind
    FROM letter n
    JOIN casework_check c ON c.item_id = n.item_id AND c.at >= n.t0
    WHERE c.at <= %(as_at)s AND c.recorded_at <= %(known_by)s
)"""  # noqa: S608 - all names are ours
CHOICES = {
    "all": ("All looks", "true"),
    "person": ("Looks by a person", "method = 'person'"),
    "automatic": ("Looks by the checker", "method = 'automatic'"),
    "blind": ("Looks that told nothing: private, behind a login, redirected, inconclusive", "blind"),
}


@dataclass(frozen=True)
class Looks:
    """How many looks one platform's items had, and how many of each choice."""

    platform: str
    all: int
    person: int
    automatic: int
    blind: int


def by_platform(scope: Scope) -> list[Looks]:
    """In order of the platform's slug; platforms without a look are not there."""
    counted = ", ".join(f"count(*) FILTER (WHERE {condition})" for _, condition in CHOICES.values())
    with reading(parameters := _parameters(scope)) as cursor:
        sql = f"{LOOKS} SELECT platform, {counted} FROM made GROUP BY platform ORDER BY platform"  # noqa: S608
        cursor.execute(sql, parameters)
        return [Looks(*row) for row in cursor.fetchall()]


def page(scope: Scope, choice: str, *, offset: int, limit: int) -> tuple[list[int], int]:
    """Keys of the chosen looks, newest first, `limit` from `offset` on, and how many there are."""
    sql = f"""{LOOKS}, chosen AS (SELECT id FROM made WHERE {CHOICES[choice][1]})
        SELECT (SELECT count(*) FROM chosen),
               ARRAY(SELECT id FROM chosen ORDER BY id DESC OFFSET %(offset)s LIMIT %(limit)s)"""  # noqa: S608
    with reading(parameters := {**_parameters(scope), "offset": offset, "limit": limit}) as cursor:
        cursor.execute(sql, parameters)
        number, keys = cursor.fetchone()
    return keys, number


def _parameters(scope: Scope) -> dict[str, Any]:
    return {**scope.parameters(), "observations": sorted(OBSERVATIONS)}
