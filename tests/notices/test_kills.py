"""A sender killed (SIGKILL) at each step of sending: nothing is lost, nothing is sent twice."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.killing import POINTS, UNKNOWABLE
from benchmarks.kills import drill
from benchmarks.recorder import running
from notices import dispatch
from notices.models import Dispatch, DispatchState, Notice
from platforms.models import ChannelKind
from tests.notices.letters_at import Desk
from tests.notices.mail_server import MailServer, Script
from tests.notices.webhook_server import WebhookServer

SENDER = "import django; django.setup(); from notices import dispatch; dispatch.send_due()"
PATIENCE = 180.0  # seconds, for a program to do what it will do at once on a quiet machine


@pytest.fixture
def sender(
    transactional_db: None, mail_server: MailServer, settings: pytest.FixtureRequest
) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts a process of its own that sends what is due, against the same database and mail server."""
    started = []

    def start() -> subprocess.Popen:
        variables = surroundings(settings, mail_server.hostname, mail_server.port)
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", SENDER], env={**os.environ, **variables}, cwd=Path(site.BASE_DIR)
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def surroundings(settings: Any, host: str, port: int) -> dict[str, str]:
    """The variables of a program that works on the same database, and sends to this mail server."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    return {
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_HOST": host,
        "EMAIL_PORT": str(port),
        "EVIDENCE_DIR": str(settings.EVIDENCE_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "WEBHOOK_LOCAL_ENDPOINTS": ",".join(settings.WEBHOOK_LOCAL_ENDPOINTS),
    }


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL


def reached(script: Script) -> None:
    assert script.reached.wait(PATIENCE), "the sender never came to this step"


@contextlib.contextmanager
def locked(rows: object) -> Iterator[None]:
    """Holds the rows, so that the sender comes to stand where it wants to change them."""
    with transaction.atomic():
        list(rows.select_for_update())
        yield


def wait_for_the_lock() -> None:
    """Until another connection waits for a row that we hold."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("the sender never came to wait for the lock")


def after_the_lease() -> int:
    return dispatch.send_due(timezone.now() + timedelta(minutes=2))


@pytest.mark.slow
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_killed_before_the_text_is_out_it_is_sent_again(
    step: str, desk: Desk, sender: Callable[[], subprocess.Popen], script: Script
) -> None:
    notice = desk.queued(lines=1)
    script.stand_still_at = step
    process = sender()
    reached(script)
    kill(process)
    script.stand_still_at = ""
    script.go_on.set()

    assert Dispatch.objects.get().state == DispatchState.CLAIMED
    assert dispatch.send_due() == 0
    assert after_the_lease() == 1
    notice.refresh_from_db()
    assert script.message_ids == [notice.message_id]


@pytest.mark.slow
def test_killed_while_it_says_that_it_hands_over_it_is_sent_once(
    desk: Desk, sender: Callable[[], subprocess.Popen], script: Script
) -> None:
    """What was not committed is undone by the database: nothing left, so it is sent again."""
    notice = desk.queued(lines=1)
    script.stand_still_at = "DATA"
    process = sender()
    reached(script)
    with locked(Dispatch.objects.all()):
        script.stand_still_at = ""
        script.go_on.set()
        wait_for_the_lock()
        kill(process)

    assert script.kept == []
    assert after_the_lease() == 1
    notice.refresh_from_db()
    assert script.message_ids == [notice.message_id]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "arrived"), [("DOT", False), ("REPLY", True)])
def test_killed_between_dot_and_reply_a_person_decides(
    step: str, arrived: bool, desk: Desk, sender: Callable[[], subprocess.Popen], script: Script
) -> None:
    notice = desk.queued(lines=1)
    script.stand_still_at = step
    process = sender()
    reached(script)
    kill(process)
    time.sleep(0.5)  # the server hears that the connection is gone
    script.stand_still_at = ""
    script.go_on.set()

    assert after_the_lease() == 0
    row = Dispatch.objects.get()
    assert row.state == DispatchState.UNKNOWN
    notice.refresh_from_db()
    assert (notice.message_id in script.message_ids) == arrived
    dispatch.resolve_unknown(row, arrived=arrived, by=desk.first)
    dispatch.send_due()
    notice.refresh_from_db()
    assert notice.status == "sent"
    assert script.message_ids == [notice.message_id]


@pytest.mark.slow
def test_killed_while_it_wants_to_settle_the_next_sender_settles(
    desk: Desk, sender: Callable[[], subprocess.Popen], script: Script
) -> None:
    """That it was accepted had been committed: nobody has to ask."""
    notice = desk.queued(lines=1)
    script.stand_still_at = "REPLY"
    process = sender()
    reached(script)
    with locked(Notice.objects.all()):
        script.stand_still_at = ""
        script.go_on.set()
        wait_for_the_lock()
        kill(process)

    row = Dispatch.objects.get()
    assert row.state == DispatchState.ACCEPTED
    assert dispatch.send_due() == 0
    notice.refresh_from_db()
    assert notice.status == "queued"
    assert after_the_lease() == 0
    notice.refresh_from_db()
    assert (notice.status, notice.sent_at) == ("sent", row.accepted_at)
    assert script.message_ids == [notice.message_id]


@pytest.mark.slow
def test_at_each_of_ten_points_nothing_is_lost_or_sent_twice(
    transactional_db: None, desk: Desk, settings: Any, tmp_path: Path
) -> None:
    """The small form of `make bench ARGS=kills`: a server that cannot lose what it was given, three kills a point."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for _ in range(3 * len(POINTS)):
        desk.queued(lines=1)
    with running(tmp_path / "recorded") as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        rows = drill(3 * len(POINTS), tmp_path / "recorded", surroundings(settings, "127.0.0.1", port))

    assert [(row.point, row.kills, row.lost, row.twice) for row in rows] == [
        (point, 3, 0, 0) for point in POINTS
    ]
    assert {row.point: row.unknown for row in rows} == {
        point: 3 if point in UNKNOWABLE else 0 for point in POINTS
    }
    [recording] = [row for row in rows if row.point == "after the reply, before the record"]
    assert recording.arrived == 3  # the reply had come


@pytest.mark.slow
def test_two_senders_at_once_send_each_letter_once(
    desk: Desk, sender: Callable[[], subprocess.Popen], script: Script
) -> None:
    notices = [desk.queued(lines=1) for _ in range(6)]

    codes = [process.wait(PATIENCE) for process in [sender(), sender()]]

    assert codes == [0, 0]
    for notice in notices:
        notice.refresh_from_db()
    assert sorted(script.message_ids) == sorted(notice.message_id for notice in notices)
    assert {notice.status for notice in notices} == {"sent"}


@pytest.mark.slow
def test_killed_while_an_endpoint_thinks_the_message_is_repeated_with_its_id(
    desk: Desk, endpoint: WebhookServer, sender: Callable[[], subprocess.Popen]
) -> None:
    notice = desk.queued(lines=1, kind=ChannelKind.WEBHOOK)
    endpoint.go_on.clear()
    process = sender()
    assert endpoint.reached.wait(PATIENCE), "the message never came"
    kill(process)
    endpoint.go_on.set()

    assert Dispatch.objects.get().state == DispatchState.CLAIMED
    assert dispatch.send_due() == 0
    assert after_the_lease() == 1
    notice.refresh_from_db()
    assert notice.status == "sent"
    first, second = endpoint.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
