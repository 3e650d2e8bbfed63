"""The embedded broker: Valkey on a private socket, every message on disk before it counts as taken."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from config.embedded.account import short_folder
from config.embedded.binaries import valkey_program
from config.embedded.child import spawn, stop
from config.embedded.lock import Lock
from config.embedded.postgres import ENVIRONMENT
from config.embedded.problems import CannotRun

SOCKET = "valkey.sock"
OPTIONS = (
    *("--port", "0"),  # no network
    *("--unixsocketperm", "700"),
    *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
    *("--maxmemory-policy", "noeviction"),
)


class Valkey:
    def __init__(self, home: Path) -> None:
        self.data = home.absolute() / "valkey"
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log = home.absolute() / "log" / "valkey.log"
        self.lock = Lock(self.data / "lock")
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets = short_folder(self.data, SOCKET)

    @property
    def url(self) -> str:
        return f"redis+socket://{self.sockets / SOCKET}"

    def start(self, *, patience: float = 60.0) -> str:
        """Start it, wait until it has read its file and answers, and return the broker's URL."""
        self.lock.take(busy=f"The broker in {self.data} is already running. Stop that run first.")
        self.log.parent.mkdir(exist_ok=True)
        self.process = spawn(
            [valkey_program(), *OPTIONS, "--unixsocket", self.sockets / SOCKET, "--dir", self.data],
            log=self.log,
            env=ENVIRONMENT,
            inherited=self.lock.inherited,
        )
        end = time.monotonic() + patience
        while not self._answers():
            if not self.running() or time.monotonic() > end:
                self.stop()
                raise CannotRun(f"Valkey did not start; its log says why: {self.log}")
            time.sleep(0.02)
        return self.url

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
            self.process = None
        self.lock.release()
        if self.sockets != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.sockets / SOCKET))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False
