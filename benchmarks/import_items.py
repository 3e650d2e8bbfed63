"""Bringing 50,000 addresses in with `import_items`, beside a raw COPY of the very rows into the same tables."""

import csv
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.db import connection, models, transaction

from accounts.models import User
from accounts.roles import Role
from benchmarks.figures import Figure, seconds
from casework.cases import open_case
from casework.imports import import_file
from casework.models import Case, Event, Item

ROWS = 50_000
AIM = 0.25
FORMS = (
    "https://x.com/seller{n}/status/17{n:017d}",
    "https://www.facebook.com/seller{n}/posts/10{n:015d}",
    "https://www.tiktok.com/@seller{n}/video/72{n:017d}",
    "https://www.instagram.com/p/C{n:010d}/",
    "https://t.me/channel_{n}/{n}",
    "https://shop-{n}.example.org/offer/{n}?ref=a",
)


def measure() -> Iterable[Figure]:
    officer = User.objects.add("bench@desk.example", role=Role.OFFICER, name="Benchmark")
    case = open_case("BENCH-1", title="Benchmark", by=officer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.csv"
        path.write_text(_file(), encoding="utf-8")
        import_file(_few(Path(folder)), case=open_case("BENCH-0", title="Warm", by=officer), by=officer)
        taken = seconds(lambda: _all_accepted(path, case, officer))
    yield Figure(
        f"import_items, {ROWS:,} addresses", taken, "raw COPY of the same rows", _copy_again(case), AIM
    )


def _file() -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("address", "category", "language", "note"))
    rows.writerows(
        (FORMS[n % len(FORMS)].format(n=n), "small_boat_advert", "en", f"Row {n}") for n in range(ROWS)
    )
    return text.getvalue()


def _few(folder: Path) -> Path:
    path = folder / "few.csv"
    path.write_text("address\nhttps://x.com/seller/status/1600000000000000001\n", encoding="utf-8")
    return path


def _all_accepted(path: Path, case: Case, by: User) -> None:
    job = import_file(path, case=case, by=by)
    if job.accepted != ROWS:
        raise SystemExit(f"Only {result['accepted']} of {ROWS} rows were accepted.")


def _copy_again(case: Case) -> float:
    """Seconds for a COPY of the rows that the import stored, after they have been taken out again."""
    tables = (Item, Event)
    kept = [_copied_out(model, case) for model in tables]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE casework_item CASCADE")

    def copy_in() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for model, content in zip(tables, kept, strict=True):
                with cursor.copy(f"COPY {model._meta.db_table} FROM STDIN") as copy:
                    copy.write(content)

    return seconds(copy_in)


def _copied_out(model: type[models.Model], case: Case) -> bytes:
    query = f"COPY (SELECT * FROM {model._meta.db_table} WHERE case_id = {int(case.pk)}) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)
