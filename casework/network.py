"""The network of items: whose each is, and which selectors stand in its words.

All of it follows from items and exhibits. It is written in the transaction that writes those, and made anew by `sweep`
when the rules of reading have changed. docs/network.md tells what is joined.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from casework.captured_text import words
from casework.models import Evidence, Item, NetworkSweep, Place
from platforms.recognition import NotAnAddress, Recognition, account_named, recognise
from platforms.selectors import VERSION, Named, Selector, find_selectors, of_address
from platforms.telephones import regions

AT_ONCE = 1_000
BY_HAND = "name"  # namespace of accounts that people named and no rule knows
AROUND = 40  # characters of a snippet on either side
LONGEST = 300
ADD_ACCOUNTS = """
INSERT INTO casework_account (platform_id, namespace, identifier)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS named
ON CONFLICT DO NOTHING RETURNING platform_id, namespace, identifier, id
"""
FIND_ACCOUNTS = """
SELECT platform_id, namespace, identifier, account.id
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS named (platform_id, namespace, identifier)
JOIN casework_account AS account USING (platform_id, namespace, identifier)
"""
ADD_SELECTORS = """
INSERT INTO casework_selector (kind, scope, value)
SELECT DISTINCT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS found ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
"""
ADD_MENTIONS = """
INSERT INTO casework_mention (item_id, selector_id, place, snippet)
SELECT found.item_id, selector.id, found.place, found.snippet
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS found (item_id, kind, scope, value, place, snippet)
JOIN casework_selector AS selector USING (kind, scope, value)
ON CONFLICT DO NOTHING
"""
SET_ACCOUNTS = """
UPDATE casework_item AS item SET account_id = found.account_id
FROM unnest(%s::bigint[], %s::bigint[]) AS found (id, account_id)
WHERE item.id = found.id AND item.account_id IS DISTINCT FROM found.account_id
"""

Columns = tuple[Sequence[Any], ...]
Account = tuple[int, str, str]  # of a platform by its id: namespace and identifier


class Found(NamedTuple):
    item_id: int
    kind: str
    scope: str
    value: str
    place: str
    snippet: str


# -- While items are made ----------------------------------------------------------------------------------


def join_accounts(rows: Sequence[dict[str, Any]], reads: Sequence[Named]) -> None:
    """Set `account_id` in the columns of new items; the accounts are made where they are new."""
    named = [_account(row["platform_id"], read.account) for row, read in zip(rows, reads, strict=True)]
    for row, account_id in zip(rows, _account_ids(named), strict=True):
        row["account_id"] = account_id


def note_mentions(rows: Iterable[Mapping[str, Any]], reads: Iterable[Named]) -> None:
    """Note the selectors in titles, notes and addresses of items just stored."""
    _store(
        found
        for row, read in zip(rows, reads, strict=True)
        for found in _in_item(row["id"], row["title"], row["note"], row["language"], of_address(read))
    )


# -- Again -------------------------------------------------------------------------------------------------


def reread(items: Iterable[Item]) -> None:
    """Make accounts and mentions of the items anew, in the open transaction, with a fixed number of statements."""
    items = list(items)
    reads = [_read(item) for item in items]
    named = [
        _account(item.platform_id, _account_of(item, read)) for item, read in zip(items, reads, strict=True)
    ]
    keys = [item.pk for item in items]
    exhibits: dict[int, list[Evidence]] = defaultdict(list)
    for exhibit in Evidence.objects.filter(item__in=keys):
        exhibits[exhibit.item_id].append(exhibit)
    _execute("DELETE FROM casework_mention WHERE item_id = ANY(%s)", (keys,))
    _execute(SET_ACCOUNTS, (keys, _account_ids(named)))
    _store(
        found
        for item, read in zip(items, reads, strict=True)
        for found in _in_all(item, read, exhibits[item.pk])
    )


def sweep() -> int:
    """Read the next thousand items again that older rules had read; returns how many, 0 when all are done."""
    with transaction.atomic():
        begun = NetworkSweep.objects.filter(version=VERSION).select_for_update().first() or _begin()
        items = list(
            Item.objects.filter(pk__gt=begun.upto, pk__lte=begun.until)
            .select_for_update(of=("self",))
            .select_related("platform")
            .order_by("pk")[:AT_ONCE]
        )
        if items:
            reread(items)
            begun.upto = items[-1].pk
            begun.save(update_fields=["upto"])
        return len(items)


def _begin() -> NetworkSweep:
    last = Item.objects.aggregate(last=Max("pk"))["last"] or 0
    begun, _ = NetworkSweep.objects.get_or_create(version=VERSION, defaults={"until": last})
    return NetworkSweep.objects.select_for_update().get(pk=begun.pk)


def _read(item: Item) -> Recognition | None:
    with contextlib.suppress(NotAnAddress):
        return recognise(item.address)
    return None


def _account_of(item: Item, read: Recognition | None) -> tuple[str, str] | None:
    """What the address says; where a person has said otherwise, that."""
    if read and item.owner == (read.owner or "")[:LONGEST]:
        return read.account
    if not item.owner:
        return None
    bare = item.owner.strip().removeprefix("@").lower()
    return account_named(item.platform.slug, item.owner) or (BY_HAND, bare)


# -- Accounts ----------------------------------------------------------------------------------------------


def _account(platform_id: int, named: tuple[str, str] | None) -> Account | None:
    if named is None or not named[1] or len(named[1]) > LONGEST:
        return None
    return platform_id, *named


def _account_ids(named: Sequence[Account | None]) -> list[int | None]:
    """Ids in the order given, None for none; accounts that are new are made, in one order for all."""
    wanted = sorted({account for account in named if account})
    ids: dict[Account, int] = {}
    for statement in (ADD_ACCOUNTS, FIND_ACCOUNTS):
        if missing := [account for account in wanted if account not in ids]:
            found = _execute(statement, tuple(zip(*missing, strict=True)))
            ids.update(((platform, namespace, name), pk) for platform, namespace, name, pk in found)
    return [ids[account] if account else None for account in named]


# -- Mentions ----------------------------------------------------------------------------------------------


def _in_all(item: Item, read: Recognition | None, exhibits: Iterable[Evidence]) -> Iterator[Found]:
    yield from _in_item(item.pk, item.title, item.note, item.language, of_address(read) if read else None)
    for exhibit in exhibits:
        yield from _in_text(item.pk, Place.CAPTURE, words(exhibit), item.language)


def _in_item(pk: int, title: str, note: str, language: str, own: Selector | None) -> Iterator[Found]:
    if own:
        yield Found(pk, *own[:3], Place.ADDRESS.value, "")
    for place, text in ((Place.TITLE, title), (Place.NOTE, note)):
        if text:
            yield from _in_text(pk, place, text, language)


def _in_text(pk: int, place: Place, text: str, language: str) -> Iterator[Found]:
    for each in find_selectors(text, regions=regions(language)):
        around = text[max(0, each.start - AROUND) : each.end + AROUND]
        yield Found(pk, *each[:3], place.value, " ".join(around.split())[:200])


def _store(mentions: Iterable[Found]) -> None:
    found = list(dict.fromkeys(mentions))
    if not found:
        return
    columns = tuple(zip(*found, strict=True))
    _execute(ADD_SELECTORS, columns[1:4])
    _execute(ADD_MENTIONS, columns)


def _execute(statement: str, columns: Columns) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in columns])
        return cursor.fetchall() if cursor.description else []
