"""Reading items' addresses anew after a change of the rules (ADR 10): what is harmless is kept, the rest proposed."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from casework import intake
from casework.correction import correctable
from casework.intake import Candidate
from casework.models import Effect, Item, ItemStatus, ReadingStatus, Rereading
from platforms import recognition

BATCH = 1000
ONE_READER = 0x5EA1_0000_0002  # advisory lock
IDENTITY = ("canonical", "printed", "namespace", "identifier", "key", "recognition_rule")
HARMLESS = ("canonical", "printed", "recognition_rule", "rules_version")
UNCONNECTED = (ItemStatus.DUPLICATE, ItemStatus.CLOSED)  # may share a key with an open item of the case


@dataclass
class Reread:
    """What a run did: items read, of these updated without a question, and proposals by effect."""

    read: int = 0
    updated: int = 0
    proposed: Counter[str] = field(default_factory=Counter)
    left: int = 0
    busy: bool = False


def due() -> Any:
    """The items that were last read by other rules than today's."""
    return Item.objects.exclude(rules_version=recognition.RULES_VERSION).order_by("pk")


def reread_items(
    *,
    dry_run: bool = False,
    seconds: float | None = None,
    tell: Callable[[Reread], object] = lambda done: None,
) -> Reread:
    """Read the due items, a batch in a transaction, so that a run that was killed goes on where it was.

    `dry_run` stores nothing; after `seconds` no further batch is begun. Does nothing, and says `busy`, beside another
    run. `tell` is called after each batch.
    """
    done, last, begun = Reread(), 0, time.monotonic()
    while not done.busy and (seconds is None or time.monotonic() - begun < seconds):
        with transaction.atomic():
            rows = _take(last)
            if rows is None:
                done.busy = True
            elif rows:
                _reread(rows, done)
                transaction.set_rollback(dry_run)
        if not rows:
            break
        last = rows[-1].pk
        tell(done)
    done.left = due().count()
    return done


def _take(after: int) -> list[Item] | None:
    """The next due items, locked; None while another run holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_READER])
        if not cursor.fetchone()[0]:
            return None
    rows = (
        due().filter(pk__gt=after).select_for_update(of=("self",)).select_related("platform", "duplicate_of")
    )
    return list(rows[:BATCH])


def _reread(items: list[Item], done: Reread) -> None:
    read = {item.pk: intake.read(0, item.address) for item in items}
    context = Context.of([(item, read[item.pk]) for item in items])
    drafts = [draft for item in items if (draft := propose(item, read[item.pk], context))]
    proposed = {draft.item_id for draft in drafts}
    for item in items:
        item.rules_version = recognition.RULES_VERSION
        if item.pk not in proposed and read[item.pk].key == item.key:
            done.updated += _take_harmless(item, read[item.pk])
    _store(items, drafts)
    done.read += len(items)
    done.proposed.update(draft.effect for draft in drafts)


def _take_harmless(item: Item, read: Candidate) -> bool:
    values = {"canonical": read.canonical, "printed": read.printed, "recognition_rule": read.rule[:100]}
    changed = any(getattr(item, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(item, name, value)
    return changed


def _store(items: list[Item], drafts: list[Rereading]) -> None:
    Rereading.objects.filter(item__in=items, status=ReadingStatus.OPEN).update(status=ReadingStatus.OUTDATED)
    Item.objects.bulk_update(items, HARMLESS, batch_size=BATCH)
    Rereading.objects.bulk_create(drafts, batch_size=BATCH)


@dataclass(frozen=True)
class Context:
    """What a batch is compared with, looked up at once."""

    holders: Mapping[tuple[int, str], list[Item]]  # case and key: the items that have it, or are to have it
    doubles: Mapping[int, list[Item]]  # survivor: its duplicates
    refused: frozenset[tuple[int, str]]  # item and key that a person has refused

    @classmethod
    def of(cls, pairs: Iterable[tuple[Item, Candidate]]) -> "Context":
        pairs = list(pairs)
        cases = {item.case_id for item, _ in pairs}
        moving = [(item, read.key) for item, read in pairs if read.key and read.key != item.key]
        holders: dict[tuple[int, str], list[Item]] = {}
        keys = [key for _, key in moving]
        for other in Item.objects.filter(case__in=cases, key__in=keys).exclude(status__in=UNCONNECTED):
            holders.setdefault((other.case_id, other.key), []).append(other)
        for item, key in moving:
            if item.status not in UNCONNECTED:
                holders.setdefault((item.case_id, key), []).append(item)
        waiting = Rereading.objects.filter(status=ReadingStatus.OPEN, new__key__in=keys, item__case__in=cases)
        for row in waiting.select_related("item"):
            if row.item.status not in UNCONNECTED:
                holders.setdefault((row.item.case_id, row.new["key"]), []).append(row.item)
        doubles: dict[int, list[Item]] = {}
        for double in Item.objects.filter(duplicate_of__in=[item for item, _ in moving]).order_by("pk"):
            doubles.setdefault(double.duplicate_of_id or 0, []).append(double)
        refused = Rereading.objects.filter(status=ReadingStatus.REFUSED, item__in=[item for item, _ in pairs])
        return cls(holders, doubles, frozenset((row.item_id, _said(row.new)) for row in refused))


def _said(new: Mapping[str, Any]) -> str:
    """What makes a new reading the one that was refused before."""
    return f"{new.get('key', '')} {new.get('kind', '')}"


def propose(item: Item, read: Candidate, context: Context) -> Rereading | None:
    """The new reading of an item where that needs a person; not what a person has refused already."""
    effect, other = _effect(item, read, context)
    if effect is None:
        return None
    new = reading(item, read)
    if (item.pk, _said(new)) in context.refused:
        return None
    return Rereading(
        item=item,
        effect=effect,
        other=other,
        old={name: getattr(item, name) for name in (*IDENTITY, "kind", "platform_id", "status")},
        new=new,
        problem=read.problem,
        rules_version=recognition.RULES_VERSION,
        proposed_at=timezone.now(),
    )


def reading(item: Item, read: Candidate) -> dict[str, Any]:
    """The item's columns as the rules read them now; platform and kind only as long as they can be corrected."""
    if read.problem:
        return {}
    new: dict[str, Any] = {
        "canonical": read.canonical,
        "printed": read.printed,
        "namespace": read.namespace,
        "identifier": read.identifier[:500],
        "key": read.key,
        "recognition_rule": read.rule[:100],
    }
    if "kind" in correctable(item):
        own = read.platform == "web"  # a person may have said whose plain site it is
        new |= {"kind": read.kind, "platform": item.platform.slug if own else read.platform}
    return new


def _effect(item: Item, read: Candidate, context: Context) -> tuple[Effect | None, Item | None]:
    if read.problem:
        return Effect.UNREADABLE, None
    if read.key == item.key:
        rule_changed = read.rule[:100] != item.recognition_rule
        is_other = rule_changed and read.kind != item.kind and "kind" in correctable(item)
        return (Effect.KIND if is_other else None), None
    left = [*([item.duplicate_of] if item.duplicate_of else []), *context.doubles.get(item.pk, [])]
    for other in left:
        if other.key == item.key and intake.read(0, other.address).key != read.key:
            return Effect.SPLIT, other
    if item.status not in UNCONNECTED:
        rivals = context.holders.get((item.case_id, read.key), [])
        first = min(
            (rival for rival in rivals if rival.pk != item.pk), key=lambda rival: rival.pk, default=None
        )
        if first is not None:
            return Effect.MERGE, first
    return Effect.NEW_KEY, None
