"""The mail sink takes real SMTP and keeps what came, byte for byte."""

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from config import mailsink
from config.embedded.surroundings import free_port

MESSAGE = b"From: a@desk.example\r\nSubject: caf\xc3\xa9\r\n\r\n.a line that begins with a dot\r\n\r\nend\r\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    port, folder = free_port(0, needed=True), tmp_path / "mail"
    command = [sys.executable, "-m", "config.mailsink", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command)
    wait_for(port)
    yield port, folder
    process.terminate()
    assert process.wait(10) == 0


def wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            smtplib.SMTP("127.0.0.1", port).quit()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


@pytest.mark.slow
def test_each_message_is_one_file_as_it_came(sink: tuple[int, Path]) -> None:
    port, folder = sink
    second = MESSAGE.replace(b"end", b"the second")

    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@desk.example", ["b@x.example", "c@x.example"], MESSAGE, ["BODY=8BITMIME"])
        client.sendmail("a@desk.example", ["b@x.example"], second, ["BODY=8BITMIME"])

    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [MESSAGE, second]


@pytest.mark.slow
def test_what_cannot_be_kept_is_not_accepted(sink: tuple[int, Path]) -> None:
    port, folder = sink
    folder.rmdir()

    with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail("a@desk.example", ["b@x.example"], MESSAGE)

    assert refusal.value.smtp_code == 452


def test_names_sort_by_arrival_whatever_the_zone(tmp_path: Path) -> None:
    london = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    utc = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)

    names = [mailsink.keep(MESSAGE, folder=tmp_path, at=at).name for at in (utc, london)]

    assert [name.partition("-")[0] for name in names] == [
        "20260701T113000.000000Z",
        "20260701T110000.000000Z",
    ]
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
