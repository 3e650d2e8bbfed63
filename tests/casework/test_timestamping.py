"""Timestamps of a real authority: OpenSSL's, behind a small server of HTTP."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import Settings

from casework import store, timestamping
from casework.models import Evidence, Timestamp
from casework.timestamping import NotStamped, stamp, sweep
from tests.factories import exhibit, make_item

OPENSSL = shutil.which("openssl")
pytestmark = [pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed"), pytest.mark.slow]
CONFIGURATION = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[authority]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *arguments: str) -> bytes:
    return subprocess.run([OPENSSL or "", *arguments], cwd=folder, capture_output=True, check=True).stdout


class Authority:
    """A certificate authority, a timestamp authority that it vouches for, and what it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, 0
        self.answer = self.stamp
        folder.mkdir()
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01\n")
        made = ["-newkey", "rsa:2048", "-nodes", "-config", "openssl.cnf", "-days", "2"]
        openssl(
            folder,
            "req",
            "-x509",
            *made,
            "-extensions",
            "root",
            "-subj",
            "/CN=Root",
            "-keyout",
            "root.key",
            "-out",
            "root.pem",
        )
        openssl(
            folder,
            "req",
            "-new",
            *made[:5],
            "-subj",
            "/CN=A timestamp authority",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
        )
        signed = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2"]
        named = ["-extfile", "openssl.cnf", "-extensions", "authority"]
        openssl(folder, "x509", "-req", "-in", "tsa.csr", *signed, *named, "-out", "tsa.pem")

    def stamp(self, request: bytes) -> bytes:
        (self.folder / "q.tsq").write_bytes(request)
        openssl(self.folder, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "q.tsq", "-out", "r.tsr")
        return (self.folder / "r.tsr").read_bytes()


@pytest.fixture
def authority(tmp_path: Path, settings: Settings) -> Iterator[Authority]:
    authority = Authority(tmp_path / "authority")

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            content = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if content else 500)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.TIMESTAMP_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.TIMESTAMP_ROOTS_FILE = str(authority.folder / "root.pem")
    yield authority
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_exhibit_is_stamped_and_openssl_agrees(db: None, authority: Authority) -> None:
    kept = exhibit(make_item())

    assert sweep() == 1

    found = Timestamp.objects.get(sha256=kept.sha256)
    assert found.authority == "CN=A timestamp authority"
    assert abs(found.stamped_at - datetime.now(UTC)) < timedelta(minutes=10)
    (authority.folder / "kept.tsr").write_bytes(bytes(found.token))
    arguments = [
        "ts",
        "-verify",
        "-in",
        "kept.tsr",
        "-data",
        str(store.path(kept.sha256)),
        "-CAfile",
        "root.pem",
    ]
    openssl(authority.folder, *arguments)


def test_each_content_is_stamped_once(db: None, authority: Authority) -> None:
    exhibit(make_item())
    exhibit(make_item())

    assert [sweep(), sweep(), authority.asked] == [1, 0, 1]


def test_an_authority_that_is_away_holds_nothing_up_and_is_asked_again(
    db: None, authority: Authority
) -> None:
    exhibit(make_item())
    stamping = authority.answer
    authority.answer = lambda request: b""

    assert (sweep(), Timestamp.objects.count()) == (0, 0)
    authority.answer = stamping
    assert (sweep(), Timestamp.objects.count()) == (1, 1)


def test_an_authority_that_we_do_not_believe(
    db: None, authority: Authority, settings: Settings, tmp_path: Path
) -> None:
    kept = exhibit(make_item())
    settings.TIMESTAMP_ROOTS_FILE = str(Authority(tmp_path / "stranger").folder / "root.pem")

    with pytest.raises(NotStamped, match="not to be believed"):
        stamp(kept.sha256)


def test_a_timestamp_of_something_else(db: None, authority: Authority) -> None:
    kept, other = (
        exhibit(make_item()),
        exhibit(make_item(), content=b"text", filename="a.txt", kind="document"),
    )
    token = bytes(stamp(other.sha256).token)
    authority.answer = lambda request: token

    with pytest.raises(NotStamped, match="not to be believed"):
        stamp(kept.sha256)


@pytest.mark.parametrize(
    "answer", [b"\x30\x03", b"nonsense", b"\x30\x05\x30\x03\x02\x01\x02", bytes(300_000)]
)
def test_answers_that_are_no_timestamps(db: None, authority: Authority, answer: bytes) -> None:
    authority.answer = lambda request: answer

    with pytest.raises(NotStamped):
        stamp(exhibit(make_item()).sha256)
    assert not Timestamp.objects.exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1"])
def test_an_address_that_is_none_of_the_web(
    db: None, authority: Authority, settings: Settings, url: str
) -> None:
    settings.TIMESTAMP_URL = url

    with pytest.raises(NotStamped, match="must begin with"):
        stamp(exhibit(make_item()).sha256)


def test_without_an_authority_nobody_is_asked(db: None, settings: Settings) -> None:
    settings.TIMESTAMP_URL = ""
    exhibit(make_item())

    assert (sweep(), Timestamp.objects.count(), Evidence.objects.count()) == (0, 0, 1)


def test_only_the_hash_leaves(db: None, authority: Authority) -> None:
    asked: list[bytes] = []
    stamping = authority.answer
    authority.answer = lambda request: (asked.append(request), stamping(request))[1]
    kept = exhibit(make_item(), content=b"what was said", filename="a.txt", kind="document")

    stamp(kept.sha256)

    assert (len(asked), bytes.fromhex(kept.sha256) in asked[0], b"what was said" in asked[0]) == (
        1,
        True,
        False,
    )
    assert len(asked[0]) < timestamping.LARGEST
