"""Whether the sealed rows are what they were, the seals a whole chain signed by us, and the anchor of the same mind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from django.db import connection
from psycopg import sql

from casework import seals, signing
from casework.anchor import Anchored
from casework.models import Seal
from casework.seals import Print, Span

AT_ONCE = 20_000  # rows read with one statement
SHOWN = 5  # rows named for one seal
FORGED = "the seal itself has been altered, or was not made by us: its signature is wrong"


@dataclass
class Chain:
    """What was found, in the order of the chain; `broken` is empty if all is well."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    last: str = ""
    broken: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)


def check(known: Anchored) -> Chain:
    """Walk the chain from its beginning. `known` must have been read before, so that it knows no more than we find."""
    chain = Chain()
    keys = signing.known_keys()
    present = seals.present_columns()
    before = seals.NOTHING
    for group in _groups():
        found = _prints(group, present)
        for seal in group:
            problems = _link_problems(seal, chain, before, keys) + _anchor_problems(seal, known)
            if FORGED not in problems:
                problems += _row_problems(seal, found.get(seal.pk), present)
            chain.broken += [f"{_title(seal)}: {problem}" for problem in problems]
            before = seals.digest(seal)
            chain.seals, chain.sealed, chain.ends[seal.table] = seal.pk, chain.sealed + seal.rows, seal.upto
    chain.last = before if chain.seals else ""
    _compare_ends(chain, known)
    if chain.seals and keys is None:
        chain.remarks.append(
            f"signatures were compared with the keys that the seals name, for there is no {signing.public_keys_file()}"
        )
    chain.unsealed = sum(_unsealed(chain))
    return chain


def _groups() -> Iterator[list[Seal]]:
    """The seals in order, as many at a time as have few enough rows together."""
    group: list[Seal] = []
    rows = 0
    for seal in Seal.objects.order_by("pk").iterator(chunk_size=200):
        group.append(seal)
        rows += seal.rows
        if rows >= AT_ONCE or len(group) >= AT_ONCE // 20:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _prints(group: list[Seal], present: dict[str, set[str]]) -> dict[int, Print]:
    """What the rows of the seals are now; nothing for those whose table or columns are gone, or whose form is new."""
    found: dict[int, Print] = {}

    def alike(seal: Seal) -> tuple[str, list[str]]:
        return seal.table, seal.columns

    readable = [
        seal
        for seal in group
        if seal.form == seals.FORM and set(seal.columns) <= present.get(seal.table, set())
    ]
    for (table, columns), alikes in groupby(sorted(readable, key=alike), key=alike):
        found |= seals.prints(table, columns, [Span(seal.pk, seal.above, seal.upto) for seal in alikes])
    return found


def _link_problems(seal: Seal, chain: Chain, before: str, keys: frozenset[str] | None) -> list[str]:
    if seal.pk != chain.seals + 1:
        return [f"the seal before it is missing: the last one is seal {chain.seals}"]
    if not signing.is_signed(seals.body(seal), key=seal.key, signature=seal.signature):
        return [FORGED]
    if keys is not None and seal.key not in keys:
        return [
            f"it is signed with a key that is not ours: {seal.key} is not in {signing.public_keys_file()}"
        ]
    if seal.previous != before:
        return [f"the seal before it, seal {chain.seals}, is not the one it was made after"]
    return []


def _anchor_problems(seal: Seal, known: Anchored) -> list[str]:
    digest = known.digests.get(seal.pk)
    if digest is None and seal.pk <= known.last:
        return ["the anchor does not know it, though it knows later ones"]
    if digest not in {None, seals.digest(seal)}:
        return ["the anchor knows another seal of this number: seals and rows have been written anew"]
    return []


def _row_problems(seal: Seal, found: Print | None, present: dict[str, set[str]]) -> list[str]:
    if found is None:
        gone = [column for column in seal.columns if column not in present.get(seal.table, set())]
        return [
            f"its rows cannot be read any more: {', '.join(gone) or f'form {seal.form}'} is not known here"
        ]
    if (found.rows, found.sha256) == (seal.rows, seal.rows_sha256):
        return []
    problems = list(_strayed(seal, found))
    more = [f"and {len(problems) - SHOWN} more rows"] if len(problems) > SHOWN else []
    return problems[:SHOWN] + more or [f"some of its {seal.rows} rows have been altered"]


def _strayed(seal: Seal, found: Print) -> Iterator[str]:
    """Which rows differ, by their marks."""
    was, now = dict(seals.marked(bytes(seal.marks))), dict(seals.marked(found.marks))
    for row in sorted(was.keys() | now.keys()):
        if row not in now:
            yield f"row {row} is missing"
        elif row not in was:
            yield f"row {row} was added later"
        elif was[row] != now[row]:
            yield f"row {row} has been altered"


def _title(seal: Seal) -> str:
    ids = f"ids {seal.above + 1} to {seal.upto}"
    return f"{seals.named(seal.table)}, seal {seal.pk} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC, {ids}"


def _compare_ends(chain: Chain, known: Anchored) -> None:
    if known.last > chain.seals:
        chain.broken.append(
            f"the histories end with seal {chain.seals}, but the anchor knows {known.last} seals: the end has been cut "
            "off. (If a backup was restored: seal_history --restored, see docs/operations.md.)"
        )
    if chain.seals > known.last:
        chain.remarks.append(f"{chain.seals - known.last} seals are not in the anchor yet")
    chain.broken += known.broken
    chain.remarks += known.losses
    chain.remarks += [
        f"the anchor also knows another database, {other}: if this one took its place, its history is lost"
        for other in sorted(known.others)
    ]


def _unsealed(chain: Chain) -> Iterator[int]:
    for model in seals.histories():
        statement = sql.SQL("SELECT count(*) FROM {} WHERE id > %s").format(
            sql.Identifier(model._meta.db_table)
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [chain.ends.get(model._meta.db_table, seals.LOWEST)])
            yield cursor.fetchone()[0]
