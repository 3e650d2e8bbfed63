"""Bringing addresses in, beside a raw COPY of the very rows into the same tables, and the memory that it takes.

Each import runs in a process of its own, so that its peak of memory is its own. A million rows are brought in too when
the environment says BENCH_MILLION=1.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, models, transaction

from accounts.models import User
from accounts.roles import Role
from benchmarks.figures import Figure, seconds
from casework.cases import open_case
from casework.imports import import_file
from casework.models import Case, Event, Item

SIZES = {50_000: 0.25, 200_000: 0.33}  # rows, and the least share of COPY's speed
FEW, MANY, MOST = 20_000, 200_000, 1_000_000
FLAT = 1.25  # how much more memory many rows may take than few
ALONE = "import django; django.setup(); from benchmarks import import_items; import_items.alone()"
FORMS = (
    "https://x.com/seller{n}/status/17{n:017d}",
    "https://www.facebook.com/seller{n}/posts/10{n:015d}",
    "https://www.tiktok.com/@seller{n}/video/72{n:017d}",
    "https://www.instagram.com/p/C{n:010d}/",
    "https://t.me/channel_{n}/{n}",
    "https://shop-{n}.example.org/offer/{n}?ref=a",
)


@dataclass(frozen=True)
class Peaks:
    """Peak memory of imports by their rows, in MB; met if it does not grow with the file."""

    peaks: dict[int, float]

    @property
    def met(self) -> bool:
        return max(self.peaks.values()) <= FLAT * self.peaks[FEW]

    def __str__(self) -> str:
        listed = ", ".join(f"{rows:,} rows {peak:.0f} MB" for rows, peak in self.peaks.items())
        aim = f"aim: {FLAT} times the first at most"
        return f"import_items, peak memory: {listed} ({aim}){'' if self.met else ' MISSED'}"


def measure() -> Iterable[Figure | Peaks]:
    officer = User.objects.add("bench@desk.example", role=Role.OFFICER, name="Benchmark")
    peaks = {FEW: _import(FEW, officer)[1]}
    for rows, aim in SIZES.items():
        taken, peaks[rows], case = _import(rows, officer)
        yield Figure(
            f"import_items, {rows:,} addresses", taken, "raw COPY of the same rows", _copy_again(case), aim
        )
    if os.environ.get("BENCH_MILLION"):
        taken, peaks[MOST], _ = _import(MOST, officer)
        print(f"import_items, {MOST:,} addresses: {taken:.0f} s", flush=True)
    yield Peaks(peaks)


def _import(rows: int, officer: User) -> tuple[float, float, Case]:
    """Seconds and peak memory (MB) of one import, and the case that it filled."""
    case = open_case(f"BENCH-{rows}", title="Benchmark", by=officer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.csv"
        write_rows(path, rows)
        command = [sys.executable, "-c", ALONE, str(path), case.reference, officer.email]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if said["accepted"] != rows:
        raise SystemExit(f"Only {said['accepted']} of {rows} rows were accepted.")
    return said["seconds"], said["peak_mb"], case


def write_rows(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("address", "category", "language", "note"))
        writer.writerows(
            (FORMS[n % len(FORMS)].format(n=n), "small_boat_advert", "en", f"Row {n}") for n in range(rows)
        )


def alone() -> None:
    """In a process of its own: print what one import took; a short trial before it has everything loaded."""
    path = Path(sys.argv[1])
    case, officer = Case.objects.get(reference=sys.argv[2]), User.objects.get(email=sys.argv[3])
    warm = path.with_name("warm.csv")
    write_rows(warm, 10)
    import_file(warm, case=case, by=officer, dry_run=True)
    taken = seconds(lambda: import_file(path, case=case, by=officer))
    stored = Item.objects.filter(case=case).count()
    print(json.dumps({"seconds": taken, "peak_mb": peak_memory(), "accepted": stored}))


def peak_memory() -> float:
    """MB that this process has held at most; `ru_maxrss` would begin with what its parent held when it was started."""
    (peak,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")
    )
    return int(peak.split()[1]) / 1024


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

    taken = seconds(copy_in)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE casework_item CASCADE")
    return taken


def _copied_out(model: type[models.Model], case: Case) -> bytes:
    query = f"COPY (SELECT * FROM {model._meta.db_table} WHERE case_id = {int(case.pk)}) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)
