"""A mail server in a process of its own that cannot lose what it was given.

Each message is written with its Message-ID to a file, and the file to the disk, before the reply 250 leaves.

python -m benchmarks.recorder FILE: prints its port, and works until its input ends.
"""

import contextlib
import email
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Recorder:
    def __init__(self, file: Path) -> None:
        self.descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        id = email.message_from_bytes(envelope.original_content or b"")["Message-ID"]
        os.write(self.descriptor, f"{id}\n".encode())
        os.fsync(self.descriptor)
        return "250 Recorded"


class Server(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="recorder", data_size_limit=50_000_000)

    def _trigger_server(self) -> None:
        """The port is known only now."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def running(file: Path) -> Iterator[int]:
    """The server in its process; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.recorder", str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    try:
        yield int(process.stdout.readline())  # type: ignore[union-attr]
    finally:
        process.communicate()


def recorded(file: Path) -> Counter[str]:
    """How often each Message-ID was accepted."""
    return Counter(file.read_text().split()) if file.exists() else Counter()


if __name__ == "__main__":
    server = Server(Recorder(Path(sys.argv[1])), hostname="127.0.0.1", port=0)
    server.start()
    print(server.port, flush=True)
    sys.stdin.read()
    server.stop()
