"""The one sealer: it seals what has been added to the histories since it last looked. Writers never wait for it."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from casework import anchor, seals, signing
from casework.anchor import Anchored
from casework.models import Seal
from casework.seals import Span

BATCH = 2000  # rows in one seal
ANCHORED_AT_ONCE = 50  # seals written to the anchor together; each holds 32 KB until then
PATIENCE = 1.0  # seconds that writers are given to end
PAUSE = 0.02
ONE_SEALER = 0x5EA1_0000_0001  # advisory lock
WRITERS = """
SELECT relation::regclass::text, virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = ANY(%s::regclass[]) AND pid IS DISTINCT FROM pg_backend_pid()
"""


class CannotSeal(Exception):
    """Nothing can be sealed until a person has done what the message says."""


@dataclass
class Sealed:
    """What one run did: seals made, rows in them, and the tables left for the next run because of a long writer."""

    seals: int = 0
    rows: int = 0
    behind: list[str] = field(default_factory=list)
    busy: bool = False


def seal_history(*, new_key: bool = False) -> Sealed:
    """Seal every row that can no longer change its company; `new_key` makes one where the old key is lost.

    Does nothing, and says `busy`, while another sealer is at work. Raises `CannotSeal`.
    """
    try:
        with _hindrances_told(), anchor.held(settings.SEAL_ANCHOR_FILE) as stream:
            key = signing.private_key(may_make=new_key or not Seal.objects.exists())
            _catch_up(stream)
            return _seal_all(key, stream)
    except anchor.Busy:
        return Sealed(busy=True)


def seal_and_tell(tell: Callable[[str], object]) -> None:
    """For the end of a command that has stored something: what hinders sealing is told, and hinders nothing else."""
    try:
        seal_history()
    except (CannotSeal, DatabaseError) as error:
        tell(f"The history was not sealed: {error}")


def accept_restored(reason: str) -> int:
    """Note in the anchor that a backup was restored and the seals after it are gone; how many those are.

    Raises `CannotSeal` where none is gone.
    """
    try:
        with _hindrances_told(), anchor.held(settings.SEAL_ANCHOR_FILE) as stream:
            us = anchor.ours()
            known = anchor.read(stream, us)
            agreed = _agreed(known)
            if not (lost := known.last - agreed):
                raise CannotSeal(
                    "The anchor knows no seal that the database has not; there is nothing to give up."
                )
            at = timezone.now().isoformat(timespec="seconds")
            anchor.write_loss(stream, us, restored_to=agreed, lost=lost, reason=reason, at=at)
            return lost
    except anchor.Busy:
        raise CannotSeal("Another sealer is at work; try again in a moment.") from None


@contextlib.contextmanager
def _hindrances_told() -> Iterator[None]:
    try:
        yield
    except signing.NoKey as error:
        raise CannotSeal(str(error)) from error
    except OSError as error:
        raise CannotSeal(f"{error.filename or settings.SEAL_ANCHOR_FILE}: {error.strerror}") from error


def _agreed(known: Anchored) -> int:
    """The newest seal that anchor and database both have, and have alike."""
    alike = (seal.pk for seal in Seal.objects.iterator() if known.digests.get(seal.pk) == seals.digest(seal))
    return max(alike, default=0)


def _catch_up(stream: BinaryIO) -> None:
    """Write what a killed sealer did not, after making sure that file and database tell the same story."""
    us = anchor.ours()
    number, digest = anchor.last(stream, us)
    newest = Seal.objects.last()
    if newest and not signing.is_signed(seals.body(newest), key=newest.key, signature=newest.signature):
        raise CannotSeal(f"{newest} is not signed by us; run verify_history.")
    same = number == 0 or any(seals.digest(seal) == digest for seal in Seal.objects.filter(pk=number))
    if not same:
        raise CannotSeal(
            f"The anchor {settings.SEAL_ANCHOR_FILE} knows seal {number}, which this database has not. If a backup was "
            'restored, run seal_history --restored "when and why"; if none was, the history has been cut.'
        )
    anchor.append(stream, Seal.objects.filter(pk__gt=number).iterator(), us)


def _seal_all(key: Ed25519PrivateKey, stream: BinaryIO) -> Sealed:
    done = Sealed()
    models_of = {model._meta.db_table: model for model in seals.histories()}
    final, done.behind = final_ids(models_of.values())
    for table, upto in final.items():
        made = _seals(models_of[table], upto, key)
        while some := list(islice(made, ANCHORED_AT_ONCE)):
            anchor.append(stream, some, anchor.ours())
            done.rows += sum(seal.rows for seal in some)
            done.seals += len(some)
    return done


def _seals(model: type[models.Model], upto: int, key: Ed25519PrivateKey) -> Iterator[Seal]:
    while seal := _seal_next(model, upto, key):
        yield seal


def final_ids(histories: Iterable[type[models.Model]]) -> tuple[dict[str, int], list[str]]:
    """For each table the id up to which no row can appear any more; and the tables where that cannot be told yet.

    A row's id is drawn before its transaction ends, so a smaller id may appear after a larger one. But who draws an
    id holds the table's ROW EXCLUSIVE lock since before, and until the end. So: read the largest id first, then wait
    until everyone who holds that lock at this moment has ended; whoever comes later draws a larger one. To take
    the SHARE lock instead would need a right that the web role must not have, and would make writers queue.
    """
    largest = {m._meta.db_table: m._base_manager.aggregate(last=Max("pk"))["last"] for m in histories}
    found = {table: last for table, last in largest.items() if last is not None}
    waited = _writers(found)
    give_up = time.monotonic() + PATIENCE
    while waited and time.monotonic() < give_up:
        time.sleep(PAUSE)
        waited &= _writers(found)
    behind = {table for table, _ in waited}
    return {table: last for table, last in found.items() if table not in behind}, sorted(behind)


def _writers(tables: Iterable[str]) -> set[tuple[str, str]]:
    """Table and transaction of everybody else who may be adding rows."""
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [list(tables)])
        return set(cursor.fetchall())


def _seal_next(model: type[models.Model], upto: int, key: Ed25519PrivateKey) -> Seal | None:
    """Seal the table's next rows up to an id; None when there are none, or when another machine is sealing."""
    table = model._meta.db_table
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_SEALER])
            if not cursor.fetchone()[0]:
                return None
        above = Seal.objects.filter(table=table).aggregate(last=Max("upto"))["last"] or 0
        rows = model._base_manager.filter(pk__lte=upto).order_by("pk")
        rows = rows.filter(pk__gt=above) if above else rows
        last = rows[:BATCH].aggregate(last=Max("pk"))["last"]
        if last is None:
            return None
        columns = seals.history_columns(model)
        seal = _made(Span(0, above, last), table, columns, key)
        seal.save(force_insert=True)
        return seal


def _made(span: Span, table: str, columns: list[str], key: Ed25519PrivateKey) -> Seal:
    found = seals.prints(table, columns, [span])[span.seal]
    before = Seal.objects.last()
    seal = Seal(
        id=before.pk + 1 if before else 1,
        form=seals.FORM,
        table=table,
        columns=columns,
        above=span.above,
        upto=span.upto,
        rows=found.rows,
        rows_sha256=found.sha256,
        marks=found.marks,
        previous=seals.digest(before) if before else seals.NOTHING,
        sealed_at=timezone.now(),
        key=signing.public_half(key),
    )
    seal.signature = signing.sign(seals.body(seal), key)
    return seal
