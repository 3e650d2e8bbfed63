"""A mail server that sends nothing on: it keeps each message, byte for byte, as a file.

The embedded run hands its letters to it, so that a trial writes to no platform.

    python -m config.mailsink --port 8025 --folder var/mail
"""

import argparse
import asyncio
import hashlib
import os
import signal
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MESSAGE = 50 * 1024 * 1024


class Keeper:
    """The aiosmtpd handler: one accepted message, one `.eml` file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        try:
            path = keep(content, folder=self.folder, at=datetime.now(UTC))
        except OSError as error:
            return f"452 Not kept: {error.strerror}"
        return f"250 Kept as {path.name}"


def keep(message: bytes, *, folder: Path, at: datetime) -> Path:
    """Store the message whole or not at all; named by time (UTC) and hash, so that names sort by arrival."""
    digest = hashlib.sha256(message).hexdigest()[:16]
    path = folder / f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{digest}.eml"
    descriptor, part = tempfile.mkstemp(dir=folder, prefix=".part-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(message)
        stream.flush()
        os.fsync(stream.fileno())
    Path(part).rename(path)
    return path


async def serve(*, host: str, port: int, folder: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    keeper = Keeper(folder)

    def session() -> SMTP:
        return SMTP(keeper, hostname="mailsink", data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True)

    server = await loop.create_server(session, host, port)
    async with server:
        await ended.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m config.mailsink", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, default=Path("var/mail"))
    chosen = parser.parse_args(arguments)
    asyncio.run(serve(host=chosen.host, port=chosen.port, folder=chosen.folder))


if __name__ == "__main__":
    main()
