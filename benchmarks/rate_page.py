"""The rate page over 200,000 notified items, beside its one statement alone: what the page adds to it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

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
from reports import tallies
from reports.facts import Scope
from reports.periods import Period

ITEMS = 200_000
LINES = 40
AIM = 0.8
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing was collected
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
AS_AT = datetime(2026, 9, 1, tzinfo=UTC)
PERIOD = Period(date(2026, 1, 1), date(2026, 6, 30))
ADDRESS = "/reports/?from=2026-01-01&to=2026-06-30&as_at=2026-09-01T00:00:00Z"
MINUTES = f"interval '1 minute' * (n / {LINES}) * 50"


def measure() -> Iterable[Figure]:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    fill()
    reader = Client()
    reader.force_login(User.objects.add("reader@desk.example", role=Role.MANAGER, name="Reader"))
    scope = Scope(period=PERIOD, as_at=AS_AT, known_by=AS_AT)
    if tallies.in_database(scope)[()].notified != ITEMS:
        raise SystemExit("Not every item was counted.")
    queries: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *more: queries.append(sql) or run(sql, *more)):
        if reader.get(ADDRESS).status_code != HTTPStatus.OK:
            raise SystemExit("The page did not answer.")
    page = seconds(lambda: reader.get(ADDRESS))
    bare = seconds(lambda: tallies.in_database(scope, ["platform"]))
    yield Figure(
        f"rate page, {ITEMS:,} items, {len(queries)} queries", page, "its statement alone", bare, AIM
    )


def fill() -> None:
    """Items in notices of forty lines, each looked at three times, two of three answered."""
    officer = User.objects.add("bench-rates@desk.example", role=Role.OFFICER, name="Benchmark")
    case = open_case("BENCH-RATES", title="Benchmark", by=officer)
    item, notice = _patterns(case)
    platforms = ", ".join(str(pk) for pk in Platform.objects.order_by("pk").values_list("pk", flat=True)[:5])
    platform = f"(ARRAY[{platforms}])[1 + (n / {LINES}) %% 5]"
    _multiply(Item, item, ITEMS - 1, {
        "reference": "'B-' || n", "key": "'b' || n", "import_reference": "n::text", "platform_id": platform,
        "found_at": f"found_at + {MINUTES}", "identified_at": f"identified_at + {MINUTES}",
    })  # fmt: skip
    _multiply(Notice, notice, ITEMS // LINES - 1, {
        "reference": "'NB-' || n", "platform_id": f"(ARRAY[{platforms}])[1 + n %% 5]",
        **{name: f"{name} + interval '50 minutes' * n"
           for name in ("drafted_at", "sent_at", "sent_recorded_at", "received_at")},
    })  # fmt: skip
    _of_items(item, notice)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _patterns(case: Case) -> tuple[Item, Notice]:
    """The first item and the first notice; the others are made from them."""
    platform = Platform.objects.order_by("pk")[0]
    item = Item.objects.create(
        reference="B-0", case=case, address="https://shop.example/1", canonical="https://shop.example/1",
        platform=platform, kind="web_page", key="b0", found_at=FIRST - timedelta(hours=1),
        identified_at=FIRST - timedelta(hours=1), identified_by_name="Benchmark",
    )  # fmt: skip
    notice = Notice.objects.create(
        reference="NB-0", platform=platform, channel_kind=ChannelKind.MAIL, status=NoticeStatus.SENT,
        import_reference="b", drafted_at=FIRST, sent_at=FIRST, sent_recorded_at=FIRST, received_at=FIRST,
    )  # fmt: skip
    return item, notice


def _multiply(model: type[models.Model], pattern: models.Model, count: int, changed: dict[str, str]) -> None:
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
