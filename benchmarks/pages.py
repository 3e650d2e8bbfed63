"""The queue page and the rate page over 200,000 notified items, beside bare SQL for what they show."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from benchmarks.figures import Figure, seconds
from casework.cases import open_case
from casework.models import Case, Check, Item, Verdict
from notices.models import Answer, AnswerSource, DeliveryKind, DeliveryRecord, Line, Notice, NoticeStatus
from platforms.models import ChannelKind, Platform
from reports import projection, tallies
from reports.facts import Scope
from reports.models import EpisodeFact
from reports.periods import Period

ITEMS = 200_000
LINES = 40
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing was collected
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
AS_AT = datetime(2026, 9, 1, tzinfo=UTC)
PERIOD = Period(date(2026, 1, 1), date(2026, 6, 30))
RATES = "/reports/?from=2026-01-01&to=2026-06-30&as_at=2026-09-01T00:00:00Z"
EARLIER = "/reports/?from=2026-01-01&to=2026-06-30&as_at=2026-03-01T00:00:00Z"
QUEUE = "/items/?queue=to_assess"
MINUTES = f"interval '1 minute' * (n / {LINES}) * 50"
# What a person would type to have the page's numbers: each table read once, nothing else done.
BARE_RATES = (
    "SELECT platform_id, count(*), count(*) FILTER (WHERE exclusion IS NULL),"
    " count(*) FILTER (WHERE outcome = 'DOWN_PLATFORM_VERIFIED'),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM removed_at - t0))"
    f" FROM {EpisodeFact._meta.db_table} GROUP BY platform_id"
)
BARE_QUEUE = (
    "SELECT status, count(*) FROM casework_item GROUP BY status",
    "SELECT * FROM casework_item i JOIN platforms_platform p ON p.id = i.platform_id"
    " WHERE status IN ('reported', 'in_assessment') AND assessed_at IS NULL"
    " ORDER BY i.priority, i.id DESC LIMIT 50",
)


def measure() -> Iterable[Figure]:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    fill()
    reader = Client()
    reader.force_login(User.objects.add("reader@desk.example", role=Role.MANAGER, name="Reader"))
    scope = Scope(period=PERIOD, as_at=AS_AT, known_by=AS_AT)
    computed = seconds(lambda: tallies.read(scope, ["platform"]))
    refreshed = seconds(projection.refresh)
    _analyze()
    yield Figure(
        f"facts of {ITEMS:,} items made and kept", refreshed, "computed once from the records", computed, 0.25
    )
    if tallies.read(scope)[()].notified != ITEMS:
        raise SystemExit("Not every item was counted.")
    yield _page("queue page", reader, QUEUE, BARE_QUEUE, 0.15)
    yield _page("rate page", reader, RATES, (BARE_RATES,), 0.15)
    yield _page("rate page as at March", reader, EARLIER, (BARE_RATES,), 0.01)


def _page(name: str, reader: Client, address: str, bare: Iterable[str], aim: float) -> Figure:
    """The page's second opening, with the number of its queries."""
    with _queries() as queries:
        if reader.get(address).status_code != HTTPStatus.OK:
            raise SystemExit(f"{address} did not answer.")
    page = min(seconds(lambda: reader.get(address)) for _ in range(3))
    yardstick = min(seconds(lambda: _run(bare)) for _ in range(3))
    return Figure(f"{name}, {ITEMS:,} items, {len(queries)} queries", page, "bare SQL", yardstick, aim)


@contextmanager
def _queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(run: Callable[..., Any], sql: str, *more: Any) -> Any:
        seen.append(sql)
        return run(sql, *more)

    with connection.execute_wrapper(note):
        yield seen


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill() -> None:
    """Items in notices of forty lines, each looked at three times, two of three answered."""
    officer = User.objects.add("bench-rates@desk.example", role=Role.OFFICER, name="Benchmark")
    case = open_case("BENCH-RATES", title="Benchmark", by=officer)
    item, notice = _patterns(case)
    platforms = ", ".join(str(pk) for pk in Platform.objects.order_by("pk").values_list("pk", flat=True)[:5])
    platform = f"(ARRAY[{platforms}])[1 + (n / {LINES}) %% 5]"
    multiply(Item, item, ITEMS - 1, {
        "reference": "'B-' || n", "key": "'b' || n", "import_reference": "n::text", "platform_id": platform,
        "found_at": f"found_at + {MINUTES}", "identified_at": f"identified_at + {MINUTES}",
        "status": "CASE WHEN n %% 50 = 0 THEN 'reported' WHEN n %% 50 < 30 THEN 'notified' ELSE 'watching' END",
        "gone_at": "identified_at",
    })  # fmt: skip
    multiply(Notice, notice, ITEMS // LINES - 1, {
        "reference": "'NB-' || n", "platform_id": f"(ARRAY[{platforms}])[1 + n %% 5]",
        **{name: f"{name} + interval '50 minutes' * n"
           for name in ("drafted_at", "sent_at", "sent_recorded_at", "received_at")},
    })  # fmt: skip
    _of_items(item, notice)
    _analyze()


def _patterns(case: Case) -> tuple[Item, Notice]:
    """The first item and the first notice; the others are made from them."""
    platform = Platform.objects.order_by("pk")[0]
    item = Item.objects.create(
        reference="B-0", case=case, address="https://shop.example/1", canonical="https://shop.example/1", printed="https://shop.example/1",
        platform=platform, kind="web_page", key="b0", found_at=FIRST - timedelta(hours=1),
        identified_at=FIRST - timedelta(hours=1), identified_by_name="Benchmark",
    )  # fmt: skip
    notice = Notice.objects.create(
        reference="NB-0", platform=platform, channel_kind=ChannelKind.MAIL, status=NoticeStatus.SENT,
        import_reference="b", drafted_at=FIRST, sent_at=FIRST, sent_recorded_at=FIRST, received_at=FIRST,
    )  # fmt: skip
    return item, notice


def multiply(model: type[models.Model], pattern: models.Model, count: int, changed: dict[str, str]) -> None:
    """`count` more rows like the pattern, with the changed columns computed from n = 1, 2, …"""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(changed.get(column, column) for column in columns)} "
            f"FROM {model._meta.db_table}, generate_series(1, %s) n WHERE id = %s",
            [count, pattern.pk],
        )


def _of_items(item: Item, notice: Notice) -> None:
    """Lines, deliveries, looks and answers: the nth item stands in notice n / 40."""
    tables = {model: model._meta.db_table for model in (Line, DeliveryRecord, Check, Answer, Item, Notice)}
    items = (
        f"(SELECT id, id - {item.pk} AS n, found_at + interval '1 hour' AS t0"
        f" FROM {tables[Item]} WHERE case_id = {item.case_id}) i"
    )
    look = "vantage, logged_in, confidence, marker, note, confirms, by_name, method"
    statements = [
        f"INSERT INTO {tables[Line]} (notice_id, item_id, position, address, answer, refusal_code)"
        f" SELECT {notice.pk} + n / {LINES}, id, n, 'https://shop.example/1', '', '' FROM {items}",
        f"INSERT INTO {tables[DeliveryRecord]} (notice_id, kind, at, reason, recorded_at)"
        f" SELECT id, '{DeliveryKind.RECEIVED}', sent_at, '', sent_at FROM {tables[Notice]}"
        f" WHERE id >= {notice.pk}",
        *(
            f"INSERT INTO {tables[Check]} (item_id, at, verdict, cause, {look}, recorded_at)"
            f" SELECT id, at, CASE WHEN n % 3 = 1 THEN '{Verdict.LIVE}' ELSE '{verdict}' END, '',"
            f" 'GB', false, 'high', '', '', false, 'Benchmark', 'automatic', at"
            f" FROM {items}, LATERAL (SELECT t0 + interval '{hours} hours' AS at) looked"
            for hours, verdict in ((2, Verdict.LIVE), (24, Verdict.GONE), (48, Verdict.GONE))
        ),
        f"INSERT INTO {tables[Answer]} (line_id, answer, refusal_code, at, territories, note,"
        f" platform_reference, source, by_name, recorded_at) SELECT l.id,"
        f" CASE WHEN n % 3 = 1 THEN 'refused' ELSE 'removed' END,"
        f" CASE WHEN n % 3 = 1 THEN 'other' ELSE '' END, t0 + interval '20 hours', '{{}}', '', '',"
        f" '{AnswerSource.IMPORTED}', 'Benchmark', t0 + interval '20 hours'"
        f" FROM {items} JOIN {tables[Line]} l ON l.item_id = i.id WHERE n % 3 > 0",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
