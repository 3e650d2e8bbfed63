"""The doors: our own mail server, by SMTP and LMTP, and the API. 250 means committed."""

import asyncio
import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection, connections
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from config.embedded.surroundings import free_port
from notices.incoming import reading, receiving, server
from notices.models import IncomingMail, MailReading

PATIENCE = 120.0
TO = "someone@replies.centre.example"
MESSAGE = b"From: a@b.example\r\nSubject: Hello\r\n\r\nOne\r\n..Two\r\n"
Api = Callable[[User], APIClient]


@pytest.fixture
def door(transactional_db: None, settings: Any) -> Iterator[Callable[..., int]]:
    """Starts our server in a thread; returns its port."""
    settings.REPLY_DOMAIN, settings.INCOMING_MAX_BYTES = "replies.centre.example", 100_000
    running = []

    def start(*, lmtp: bool = False) -> int:
        port, begun = free_port(0, needed=True), threading.Event()

        def run() -> None:
            loop = asyncio.new_event_loop()
            ended = asyncio.Event()
            running.append((thread, loop, ended))
            loop.call_later(0, begun.set)
            loop.run_until_complete(server.serve(host="127.0.0.1", port=port, lmtp=lmtp, ended=ended))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        assert begun.wait(PATIENCE)
        return port

    yield start
    for thread, loop, ended in running:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE)


@contextlib.contextmanager
def line_to(port: int, kind: type[smtplib.SMTP] = smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    client = kind()
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            client.connect("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
    try:
        yield client
    finally:
        client.close()


def handed_over(port: int, message: bytes, recipients: list[str]) -> dict[str, Any]:
    with line_to(port) as client:
        return client.sendmail("legal@platform.example", recipients, message)


def test_message_is_committed_byte_for_byte_with_its_envelope(door: Callable[..., int]) -> None:
    many = [f"r{number}@replies.centre.example" for number in range(50)]

    refused = handed_over(door(), MESSAGE, many)

    kept = IncomingMail.objects.get()
    assert refused == {}
    assert bytes(kept.raw) == MESSAGE
    assert (kept.sender, kept.recipients, kept.door) == ("legal@platform.example", many, "smtp")
    assert MailReading.objects.count() == 0


def test_lmtp_answers_once_for_each_recipient(door: Callable[..., int]) -> None:
    with line_to(door(lmtp=True), smtplib.LMTP) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("<>")
        for _ in range(2):
            client.rcpt(TO)
        client.docmd("DATA")
        client.send(MESSAGE.replace(b"..Two", b"...Two") + b".\r\n")
        replies = [client.getreply()[0] for _ in range(2)]

    assert replies == [250, 250]
    assert bytes(IncomingMail.objects.get().raw) == MESSAGE


def test_what_is_too_large_is_refused_for_good(door: Callable[..., int]) -> None:
    port = door()
    with line_to(port) as client:
        client.ehlo_or_helo_if_needed()
        told = client.docmd("MAIL", "FROM:<a@b.example> SIZE=100001")
    with line_to(port) as client, pytest.raises(smtplib.SMTPException) as refused:
        client.sendmail("a@b.example", [TO], (b"y" * 70 + b"\r\n") * 2_000)

    assert (told[0], refused.value.smtp_code) == (552, 552)  # type: ignore[attr-defined]
    assert IncomingMail.objects.count() == 0


def test_other_domains_are_refused(door: Callable[..., int]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        handed_over(door(), MESSAGE, ["somebody@elsewhere.example"])

    assert refused.value.recipients["somebody@elsewhere.example"][0] == 550


def test_database_that_is_away_means_later(door: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the server closed the connection")

    port = door()
    monkeypatch.setattr(server, "receive", away)

    with pytest.raises(smtplib.SMTPDataError) as refused:
        handed_over(port, MESSAGE, [TO])

    assert refused.value.smtp_code == 451


def test_killed_after_its_250_the_message_is_read_by_the_next(
    transactional_db: None, settings: Any, door: Callable[..., int]
) -> None:
    database, port = connection.settings_dict, free_port(0, needed=True)
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    variables = {
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "REPLY_DOMAIN": "replies.centre.example",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "receive_mail", "--port", str(port)],
        env={**os.environ, **variables}, cwd=Path(site.BASE_DIR),
    )  # fmt: skip
    try:
        handed_over(port, MESSAGE, [TO])
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)

    assert reading.read_waiting() == 1
    assert reading.read_waiting() == 0
    assert bytes(MailReading.objects.get().mail.raw) == MESSAGE
    connections.close_all()


# -- The API ------------------------------------------------------------------------------------------------------


def test_api_keeps_the_same_bytes_once(administrator: User, api: Api) -> None:
    client, path = (
        api(administrator),
        f"/api/v1/incoming-mail/?sender=a@b.example&recipient={TO}&recipient=x@y.example",
    )

    first = client.post(path, MESSAGE, content_type="message/rfc822")
    second = client.post(path, MESSAGE, content_type="message/rfc822")

    kept = IncomingMail.objects.get()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"sha256": kept.sha256, "is_new": True}
    assert (bytes(kept.raw), kept.sender, kept.recipients) == (MESSAGE, "a@b.example", [TO, "x@y.example"])
    assert (kept.door, kept.by) == ("api", administrator)


def test_api_repeats_with_an_idempotency_key(administrator: User, api: Api) -> None:
    path = "/api/v1/incoming-mail/"
    answers = [
        api(administrator).post(path, MESSAGE, content_type="message/rfc822", HTTP_IDEMPOTENCY_KEY="k")
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.parametrize(("message", "code"), [(b"", 400), (b"\r\n", 400), (b"x" * 1_001, 413)])
def test_api_refuses_what_is_empty_or_too_large(
    administrator: User, api: Api, settings: Any, message: bytes, code: int
) -> None:
    settings.INCOMING_MAX_BYTES = 1_000

    answer = api(administrator).post("/api/v1/incoming-mail/", message, content_type="message/rfc822")

    assert answer.status_code == code
    assert IncomingMail.objects.count() == 0


def test_token_without_the_scope_delivers_nothing(administrator: User) -> None:
    codes = []
    for scopes in (["manage_people"], ["deliver_mail"]):
        _, secret = tokens.issue(administrator, name="Mail server", scopes=scopes, by=administrator)
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
        codes.append(
            client.post("/api/v1/incoming-mail/", MESSAGE, content_type="message/rfc822").status_code
        )

    assert codes == [403, 201]


def test_nul_in_the_envelope_is_kept_legible(db: None) -> None:
    kept = receiving.receive(MESSAGE, door="smtp", sender="a\0@b.example", recipients=["x" * 500]).mail

    assert (kept.sender, kept.recipients) == ("a\N{REPLACEMENT CHARACTER}@b.example", ["x" * 320])
