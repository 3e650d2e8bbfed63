"""A notice of 100,000 lines answered by the spreadsheet that came with it, beside COPY and UPDATE of the same rows.

The file is read twice, as a person does: once to look at, once to save. Reading means every rule of every row; saving
means the answers, what lines and items show, and an event for each line. The yardstick does the bare minimum: COPY into
the table of answers, and one UPDATE each for lines and items.
"""

import csv
import io
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from accounts.roles import Role
from benchmarks.figures import Figure, seconds
from benchmarks.pages import multiply
from casework.cases import open_case
from casework.models import Item
from notices import answer_files
from notices.line_table import COLUMNS, line_table
from notices.models import Answer, Line, Notice, NoticeStatus
from platforms.models import ChannelKind, Platform

LINES = int(os.environ.get("LINES_ANSWERED", "100000"))
SENT = datetime(2026, 1, 1, tzinfo=UTC)
ANSWERED = ("line_id", "answer", "refusal_code", "at", "effective_at", "territories", "note", "platform_reference",
            "source", "by_name", "recorded_at")  # fmt: skip


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        settings.EVIDENCE_DIR = Path(folder)
        notice, liaison = fill()
        table = filled(notice)
        bare = seconds(lambda: _bare(notice))
        looked = seconds(lambda: answer_files.read(table, "back.csv", notice, by=liaison))
        saved = seconds(lambda: answer_files.answer_by_file(notice, table, "back.csv", by=liaison))
        if Answer.objects.count() != LINES or notice.status != NoticeStatus.ANSWERED:
            raise SystemExit("Not every line was answered.")
        name = f"{LINES:,} lines answered by spreadsheet"
        yield Figure(f"{name}: looked at", looked, "COPY and UPDATE", bare, 0.1)
        yield Figure(f"{name}: read again and saved", saved, "COPY and UPDATE", bare, 0.05)


def fill() -> tuple[Notice, User]:
    """A notice with so many lines, and the liaison who answers it."""
    officer = User.objects.add("bench-answers@desk.example", role=Role.OFFICER, name="Benchmark")
    liaison = User.objects.add("bench-liaison@desk.example", role=Role.LIAISON, name="Liaison")
    platform = Platform.objects.get(slug="x")
    platform.liaisons.add(liaison)
    case, before = open_case("BENCH-ANSWERS", title="Benchmark", by=officer), SENT - timedelta(hours=1)
    address = "https://x.com/seller/status/1"
    item = Item.objects.create(
        reference="A-0", case=case, address=address, canonical=address, printed=address,
        platform=platform,
        kind="post", key="a0", status="notified", found_at=before,
        identified_at=before, identified_by_name="Benchmark", received_at=SENT,
    )  # fmt: skip
    notice = Notice.objects.create(
        reference="NA-0", platform=platform, channel_kind=ChannelKind.PORTAL, status=NoticeStatus.SENT, body="…",
        body_sha256="…", drafted_at=SENT, sent_at=SENT, sent_recorded_at=SENT, received_at=SENT, due_at=SENT,
    )  # fmt: skip
    multiply(
        Item, item, LINES - 1, {"reference": "'A-' || n", "key": "'a' || n", "import_reference": "n::text"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Line._meta.db_table} (notice_id, item_id, position, address, answer, refusal_code)"
            f" SELECT %s, id, row_number() OVER (ORDER BY id), address, '', '' FROM {Item._meta.db_table}"
            " WHERE case_id = %s",
            [notice.pk, case.pk],
        )
        cursor.execute("ANALYZE")
    return notice, liaison


def filled(notice: Notice) -> bytes:
    """The table, two rows of three removed with the platform's own reference, the others refused."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for number, row in enumerate(csv.DictReader(io.StringIO(line_table(notice).decode("utf-8-sig")))):
        if number % 3:
            row |= {
                "answer": "removed",
                "effective_at": "2026-01-02T10:00+00:00",
                "platform_reference": f"P-{number}",
            }
        else:
            row |= {"answer": "refused", "refusal_code": "no_policy_breach"}
        writer.writerow(row)
    return out.getvalue().encode()


def _bare(notice: Notice) -> None:
    """The same rows by COPY and UPDATE; nothing of it stays."""
    now = datetime.now(UTC)
    lines = list(Line.objects.filter(notice=notice).order_by("position").values_list("pk", flat=True))
    with transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy(f"COPY {Answer._meta.db_table} ({', '.join(ANSWERED)}) FROM STDIN") as copy:
            for number, line in enumerate(lines):
                said = ("removed", "") if number % 3 else ("refused", "no_policy_breach")
                copy.write_row((line, *said, now, SENT, "{}", "", f"P-{number}", "sheet", "Liaison", now))
        cursor.execute(
            "UPDATE notices_line l SET answer = a.answer, refusal_code = a.refusal_code, answered_at = a.at"
            " FROM notices_answer a WHERE a.line_id = l.id AND l.notice_id = %s",
            [notice.pk],
        )
        cursor.execute(
            "UPDATE casework_item i SET claim = l.answer, claims_removal = l.answer = 'removed',"
            " claim_at = l.answered_at FROM notices_line l WHERE l.item_id = i.id AND l.notice_id = %s",
            [notice.pk],
        )
        transaction.set_rollback(True)
