"""A real endpoint for tests, of a platform that answers as told."""

import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE = 30


@dataclass
class Reply:
    """What one request is answered. `drop` is where the connection ends: before, or after the request was read."""

    status: int = 200
    body: bytes = b'{"ok":true}'
    headers: dict[str, str] = field(default_factory=dict)
    drop: str = ""
    wait: float = 0  # seconds before the answer
    drip: float = 0  # seconds between the bytes of the body


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


class Endpoint(BaseHTTPRequestHandler):
    server: "WebhookServer"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        reply = self.server.replies.pop(0) if self.server.replies else Reply()
        self.close_connection = True
        if reply.drop == "before":
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(
            Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        )
        self.server.reached.set()
        self.server.go_on.wait(PATIENCE)
        time.sleep(reply.wait)
        if reply.drop == "after":
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        for byte in reply.body if reply.drip else [reply.body]:
            self.wfile.write(bytes([byte]) if isinstance(byte, int) else byte)
            time.sleep(reply.drip)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def version_string(self) -> str:
        return "test"


class WebhookServer(ThreadingHTTPServer):
    """Answers with `replies` in their order, then with 200; `go_on` cleared, it stands still before an answer."""

    daemon_threads = True

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.replies: list[Reply] = []
        self.received: list[Received] = []
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.secure = certificate is not None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.netloc}/notices"

    def handle_error(self, *_: Any) -> None:
        """A client that goes away, or mistrusts us, is no error of the test's."""

    def stop(self) -> None:
        self.go_on.set()
        self.shutdown()
        self.server_close()
        self.thread.join()
