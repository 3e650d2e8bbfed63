"""Letters through TLS as the settings say, and signed letters as anybody can check them."""

import email
import email.policy
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pysequoia import Cert, Sig, Tsk, verify

from config import environment
from notices import dispatch
from notices.models import Attempt, Dispatch, Notice
from tests.notices.certificates import certificate
from tests.notices.letters_at import Desk
from tests.notices.mail_server import MailServer, Script

OPENSSL = shutil.which("openssl")
Serve = Callable[..., MailServer]


@pytest.fixture
def serve(script: Script, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a mail server; `tls` is how it speaks TLS, `mode` what our settings ask for."""
    started: list[MailServer] = []
    path = certificate(tmp_path, address="127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    def start(mode: str, *, tls: str, trusted: bool) -> MailServer:
        server = MailServer(script, **({tls: context} if tls else {}))
        server.start()
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.hostname, server.port, 5
        settings.EMAIL_TLS = mode
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = mode == "required", mode == "implicit"
        monkeypatch.setenv("SSL_CERT_FILE", str(path) if trusted else os.devnull)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    ("mode", "tls", "trusted", "encrypted"),
    [
        ("required", "offered", True, [True]),
        ("required", "offered", False, []),
        ("required", "", True, []),
        ("if_offered", "offered", False, [True]),
        ("if_offered", "", False, [False]),
        ("off", "offered", True, [False]),
        ("implicit", "implicit", True, [True]),
        ("implicit", "implicit", False, []),
    ],
)
def test_tls_is_what_the_settings_ask_for(
    mode: str, tls: str, trusted: bool, encrypted: list[bool], desk: Desk, serve: Serve, script: Script
) -> None:
    serve(mode, tls=tls, trusted=trusted)
    desk.queued(lines=1)

    sent = dispatch.send_due()

    assert (sent, script.encrypted) == (len(encrypted), encrypted)
    if not encrypted:
        assert Dispatch.objects.get().state == "queued"
        assert Attempt.objects.get().said.startswith("The mail server cannot be reached: ")


def test_a_misspelt_mode_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_TLS", "always")

    with pytest.raises(ImproperlyConfigured, match="write one of: off, required"):
        environment.choice("EMAIL_TLS", ("off", "required"), "off")


# -- Signatures --------------------------------------------------------------------------------------------


@pytest.fixture
def signing(settings: Any, tmp_path: Path) -> Path:
    path = certificate(tmp_path, email="desk@centre.example")
    settings.SMIME_CERTIFICATE_FILE = settings.SMIME_KEY_FILE = str(path)
    settings.SMIME_KEY_PASSWORD = ""
    return path


def sent(desk: Desk, script: Script) -> tuple[Notice, bytes]:
    notice = desk.queued(lines=1)
    assert dispatch.send_due() == 1
    notice.refresh_from_db()
    return notice, script.kept[0]


def test_a_signed_letter_says_the_same(
    desk: Desk, mail_server: MailServer, script: Script, signing: Path
) -> None:
    notice, content = sent(desk, script)

    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.get_content_type() == "multipart/signed"
    assert (message["Message-ID"], message["To"]) == (notice.message_id, "legal@platform.example")
    letter, signature = message.iter_parts()
    assert signature.get_content_type() == "application/pkcs7-signature"
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == notice.body
    assert [part.get_filename() for part in letter.iter_attachments()] == [
        f"{notice.reference}.pdf",
        f"{notice.reference}-lines.csv",
        f"{notice.reference}-lines.xlsx",
        "items.csv",
        "items.json",
        "items.csv.sig",
        "items.json.sig",
    ]
    assert content.isascii()


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
@pytest.mark.parametrize("altered", [False, True])
def test_the_signature_holds_until_a_letter_is_altered(
    altered: bool, desk: Desk, mail_server: MailServer, script: Script, signing: Path, tmp_path: Path
) -> None:
    _, content = sent(desk, script)
    assert b"small boat" in content
    if altered:
        content = content.replace(b"small boat", b"large boat")

    check = [OPENSSL, "cms", "-verify", "-CAfile", str(signing), "-out", str(tmp_path / "said")]
    came = subprocess.run(check, input=content, capture_output=True, check=False)

    assert (came.returncode == 0) is not altered, came.stderr


@pytest.mark.parametrize("fault", ["missing", "not_pem", "of_another"])
def test_without_a_usable_key_nothing_leaves_unsigned(
    fault: str,
    desk: Desk,
    mail_server: MailServer,
    script: Script,
    signing: Path,
    settings: Any,
    tmp_path: Path,
) -> None:
    wrong = tmp_path / "wrong.pem"
    if fault == "not_pem":
        wrong.write_text("nothing")
    elif fault == "of_another":
        wrong = certificate(tmp_path, email="other@centre.example")
    settings.SMIME_KEY_FILE = str(wrong)
    notice = desk.queued(lines=1)

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert (notice.status, script.kept) == ("approved", [])
    assert Attempt.objects.get().said.startswith("The letter cannot be signed: ")


@pytest.fixture
def openpgp(settings: Any, tmp_path: Path) -> Cert:
    key = Tsk.generate("Referral desk <desk@centre.example>")
    (tmp_path / "key.asc").write_text(str(key))
    settings.OPENPGP_KEY_FILE, settings.OPENPGP_KEY_PASSWORD = str(tmp_path / "key.asc"), ""
    return key.extract_certificate()


@pytest.mark.parametrize("altered", [False, True])
def test_an_openpgp_signature_holds_until_a_letter_is_altered(
    altered: bool, desk: Desk, mail_server: MailServer, script: Script, openpgp: Cert
) -> None:
    notice, content = sent(desk, script)

    message = email.message_from_bytes(content, policy=email.policy.default)
    boundary = f"--{message.get_boundary()}".encode()
    _, part, signature, _ = content.split(boundary)
    armoured = signature.partition(b"\r\n\r\n")[2]
    said = part.removeprefix(b"\r\n").removesuffix(b"\r\n")
    if altered:
        said = said.replace(b"small boat", b"large boat")

    def verified() -> list[Any]:
        return list(
            verify(bytes=said, store=lambda _: [openpgp], signature=Sig.from_bytes(armoured)).valid_sigs
        )

    assert message.get_content_type() == "multipart/signed"
    assert message.get_param("protocol") == "application/pgp-signature"
    assert message.get_param("micalg") == "pgp-sha512"
    letter, _ = message.iter_parts()
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == notice.body
    if altered:
        with pytest.raises(Exception, match=r"(?i)signature|verif"):
            verified()
    else:
        assert len(verified()) == 1


def test_without_a_usable_openpgp_key_nothing_leaves(
    desk: Desk, mail_server: MailServer, script: Script, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "key.asc").write_text("no key")
    settings.OPENPGP_KEY_FILE = str(tmp_path / "key.asc")
    desk.queued(lines=1)

    assert dispatch.send_due() == 0

    assert script.kept == []
    assert Attempt.objects.get().said.startswith("The letter cannot be signed: ")
