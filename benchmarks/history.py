"""A history of notified items over 36 months and all platforms, made by set-based SQL in a few statements.

Item n stands in notice n / 40. What becomes of it follows from a number between 0 and 999 that hashing gives it
(`FATES`), so a history of a size always is the same.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, models

from accounts.models import User
from accounts.roles import Role
from casework.cases import open_case
from casework.models import Category, Check, Hold, Item, SetAside
from notices.models import Answer, DeliveryRecord, Line, Notice, NoticeStatus
from platforms.models import ChannelKind, Platform

FIRST = datetime(2021, 1, 1, tzinfo=UTC)
LINES = 40
ITEM, NOTICE, LINE, DELIVERY, CHECK, ANSWER, ASIDE, HOLD = (
    model._meta.db_table for model in (Item, Notice, Line, DeliveryRecord, Check, Answer, SetAside, Hold)
)
# From where on a fate begins, what the three looks see, and what the platform answers: removed; gone, nobody knows
# why; by its author; refused; silent; removed and live; not looked at; blocked; labelled; back again; no look and no
# word; withdrawn; invalid; gone before the notice; held.
FATES = (
    (0, ("live", "gone", "gone"), "removed"),
    (430, ("live", "gone", "gone"), None),
    (520, ("live", "gone", "gone"), None),
    (570, ("live", "live", "live"), "refused"),
    (700, ("live", "live", "live"), None),
    (800, ("live", "live", "live"), "removed"),
    (825, ("inconclusive", "inconclusive", "inconclusive"), "removed"),
    (850, ("live", "geo_blocked", "geo_blocked"), "access_disabled"),
    (875, ("live", "live", "live"), "labelled"),
    (900, ("gone", "gone", "live"), "removed"),
    (925, ("login_required", "login_required", "login_required"), None),
    (950, ("live", "live", "live"), None),
    (962, ("live", "live", "live"), None),
    (974, ("gone", "gone", "gone"), None),
    (986, ("live", "live", "live"), None),
)
HOURS = (2, 23, 167)
LOOK = (
    "item_id, at, verdict, cause, vantage, logged_in, confidence, marker, note, confirms, by_name, method,"
    " recorded_at"
)
SEEN = "'GB', false, 'high', '', '', false, 'Benchmark', 'automatic'"
SENT = (
    f"(timestamptz '{FIRST:%Y-%m-%d}Z' + interval '1094 days' * (m * 0.6180339887 - floor(m * 0.6180339887)))"
)
KINDS = "(ARRAY['post','post','post','page','account','advert','comment','web_page'])[1 + abs(hashint4(n + 1)) %% 8]"


def grow(size: int) -> None:
    """Let the history have `size` items: what it had is kept, and the later ones fall into the same 36 months."""
    item, notice, had = _patterns()
    _multiply(Notice, notice, max(1, had // LINES), size // LINES, {
        "reference": "'NH-' || m", "import_reference": "'h' || m", "platform_id": _platform("m"),
        "channel_kind": "(ARRAY['mail','mail','portal','by_hand'])[1 + abs(hashint4(m)) %% 4]",
        **{name: SENT for name in ("drafted_at", "sent_at", "sent_recorded_at", "received_at")},
    })  # fmt: skip
    found = f"{SENT} - interval '3 hours' * (1 + abs(hashint4(n + 2)) %% 7)"
    _multiply(Item, item, max(1, had), size, {
        "reference": "'H-' || n", "key": "'h' || n", "import_reference": "n::text", "platform_id": _platform("m"),
        "kind": KINDS, "category_id": _one_of(Category), "found_at": found, "identified_at": found,
        "language": "(ARRAY['en','fr','ar','sq','ku','vi'])[1 + abs(hashint4(n + 3)) %% 6]",
    }, m=f"n / {LINES}")  # fmt: skip
    for statement in _of_items(item, notice, had):
        _run(statement)
    analyze()


def look_again() -> None:
    """One more look at one item."""
    _run(f"INSERT INTO {CHECK} ({LOOK}) SELECT id, identified_at + interval '30 days', 'live', '', {SEEN},"
         f" identified_at + interval '30 days' FROM {ITEM} WHERE reference = 'H-0'")  # fmt: skip


def analyze() -> None:
    _run("ANALYZE")


def _patterns() -> tuple[Item, Notice, int]:
    """The first item and the first notice, from which the others are made, and how many items there are."""
    if item := Item.objects.filter(reference="H-0").first():
        return item, Notice.objects.get(reference="NH-0"), Item.objects.filter(case=item.case).count()
    officer = User.objects.add("bench-history@desk.example", role=Role.OFFICER, name="Benchmark")
    platform = Platform.objects.order_by("pk")[0]
    item = Item.objects.create(
        reference="H-0", case=open_case("BENCH-HISTORY", title="Benchmark", by=officer), platform=platform,
        address="https://shop.example/1", canonical="https://shop.example/1", kind="web_page", key="h0",
        found_at=FIRST - timedelta(hours=3), identified_at=FIRST - timedelta(hours=3),
        identified_by_name="Benchmark", import_reference="0", status="notified",
    )  # fmt: skip
    notice = Notice.objects.create(
        reference="NH-0", platform=platform, channel_kind=ChannelKind.MAIL, status=NoticeStatus.SENT,
        import_reference="h0", drafted_at=FIRST, sent_at=FIRST, sent_recorded_at=FIRST, received_at=FIRST,
    )  # fmt: skip
    return item, notice, 0


def _multiply(
    model: type[models.Model],
    pattern: models.Model,
    first: int,
    end: int,
    changed: dict[str, str],
    m: str = "n",
) -> None:
    """Rows like the pattern for n from `first` up to `end`, which is left out; m is the number of the notice."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(changed.get(column, f'p.{column}') for column in columns)} "
            f"FROM {model._meta.db_table} p, generate_series(%s, %s - 1) n,"
            f" LATERAL (SELECT {m} AS m) x WHERE p.id = %s",
            [first, end, pattern.pk],
        )


def _of_items(item: Item, notice: Notice, had: int) -> list[str]:
    """Lines, deliveries, looks, answers and the rest of the items from the number `had` on."""
    items = (
        f"(SELECT id, id - {item.pk} AS n, abs(hashint8(id - {item.pk})) % 1000 AS fate, sent_at, line_id"
        f" FROM (SELECT i.id, l.id AS line_id, o.sent_at FROM {ITEM} i JOIN {LINE} l ON l.item_id = i.id"
        f" JOIN {NOTICE} o ON o.id = l.notice_id WHERE i.case_id = {item.case_id} AND i.id >= {item.pk + had}) x) i"
    )
    return [
        f"INSERT INTO {LINE} (notice_id, item_id, position, address, answer, refusal_code)"
        f" SELECT {notice.pk} + (id - {item.pk}) / {LINES}, id, id - {item.pk}, 'https://shop.example/1', '', ''"
        f" FROM {ITEM} WHERE case_id = {item.case_id} AND id >= {item.pk + had}",
        f"INSERT INTO {DELIVERY} (notice_id, kind, at, reason, reference, recorded_at)"
        f" SELECT id, CASE WHEN (id - {notice.pk}) % 100 = 99 THEN 'failed' ELSE 'received' END, sent_at, '', '',"
        f" sent_at FROM {NOTICE} WHERE id >= {notice.pk + had // LINES} AND reference LIKE 'NH-%'",
        *(_looks(items, place) for place in range(len(HOURS))),
        f"INSERT INTO {CHECK} ({LOOK}) SELECT id, at, 'gone', '', {SEEN}, at FROM {items},"
        f" LATERAL (SELECT sent_at - interval '30 minutes' AS at) y WHERE fate BETWEEN 974 AND 985",
        _answers(items),
        f"INSERT INTO {ASIDE} (item_id, kind, at, recorded_at, reason, confirmed_by) SELECT id,"
        " CASE WHEN fate < 962 THEN 'withdrawn' ELSE 'invalid' END, at, at, '', 'A reviewer'"
        f" FROM {items}, LATERAL (SELECT sent_at + interval '5 hours' AS at) y WHERE fate BETWEEN 950 AND 973",
        f"INSERT INTO {HOLD} (item_id, authority, reason, placed_at, placed_recorded_at)"
        f" SELECT id, 'Desk', '', at, at FROM {items}, LATERAL (SELECT sent_at + interval '30 hours' AS at) y"
        " WHERE fate > 985",
        f"INSERT INTO {LINE} (notice_id, item_id, position, address, answer, refusal_code)"
        f" SELECT o.id, i.id, i.n, 'https://shop.example/1', '', '' FROM {items}"
        f" JOIN {NOTICE} o ON o.id = {notice.pk} + n / {LINES} + 1 WHERE n % 150 = 75 AND o.sent_at > i.sent_at",
    ]


def _looks(items: str, place: int) -> str:
    """The look so many of each item, some minutes to some hours after it was due."""
    verdicts = " ".join(f"WHEN fate >= {begin} THEN '{seen[place]}'" for begin, seen, _ in reversed(FATES))
    return (
        f"INSERT INTO {CHECK} ({LOOK}) SELECT id, at, CASE {verdicts} END,"
        f" CASE WHEN {place} > 0 AND fate BETWEEN 520 AND 569 THEN 'author' ELSE '' END, {SEEN}, at FROM {items},"
        f" LATERAL (SELECT sent_at + interval '{HOURS[place]} hours'"
        f" * (1 + abs(hashint8(n + {place + 7})) % 1000 / 1500.0) AS at) y"
    )


def _answers(items: str) -> str:
    said = " ".join(f"WHEN fate >= {begin} THEN '{answer or ''}'" for begin, _, answer in reversed(FATES))
    return (
        f"INSERT INTO {ANSWER} (line_id, answer, refusal_code, at, territories, note, platform_reference, source,"
        " by_name, recorded_at) SELECT line_id, said,"
        " CASE said WHEN 'refused' THEN (ARRAY['no_policy_breach','other'])[1 + n % 2] ELSE '' END, at,"
        " CASE said WHEN 'access_disabled' THEN '{GB}'::text[] ELSE '{}' END, '', '', 'imported', 'Benchmark', at"
        f" FROM {items}, LATERAL (SELECT CASE {said} END AS said,"
        " sent_at + interval '20 hours' * (0.1 + abs(hashint8(n + 9)) % 1000 / 900.0) AS at) y WHERE said <> ''"
    )


def _platform(number: str) -> str:
    """Few platforms have most of the notices."""
    platforms = list(Platform.objects.order_by("pk").values_list("pk", flat=True))
    place = f"floor({len(platforms)} * power(abs(hashint4({number})) %% 1000 / 1000.0, 2))::int"
    return f"('{{{','.join(map(str, platforms))}}}'::bigint[])[1 + {place}]"


def _one_of(model: type[models.Model]) -> str:
    keys = ",".join(str(pk) for pk in model._default_manager.order_by("pk").values_list("pk", flat=True))
    return f"('{{{keys}}}'::bigint[])[1 + abs(hashint4(n)) %% {keys.count(',') + 1}]"


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
