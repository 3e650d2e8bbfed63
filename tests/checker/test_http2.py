"""HTTP/2 where the server offers it, behind the same guard: it changes how pages are read, not whose."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.pretence import Pretence
from checker.pretend.certificates import Authority

PAGE = b"<title>An offer</title><h1>An offer</h1>"
REDIRECTS = {
    "/inside": "https://10.0.0.7/",
    "/metadata": "http://169.254.169.254/latest",
    "/on": "https://two.example/",
}


class Server:
    """Speaks HTTP/2 and nothing else."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        try:
            while received := await reader.read(65536):
                for event in connection.receive_data(received):
                    if isinstance(event, h2.events.RequestReceived):
                        self._answer(connection, event)
                writer.write(connection.data_to_send())
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    def _answer(self, connection: Any, event: Any) -> None:
        asked = {bytes(name).decode(): bytes(value).decode() for name, value in event.headers}
        self.requests.append(f"{asked[':authority']}{asked[':path']}")
        if location := REDIRECTS.get(asked[":path"]):
            headers = [(":status", "302"), ("location", location)]
            connection.send_headers(event.stream_id, headers, end_stream=True)
            return
        connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "text/html")])
        connection.send_data(event.stream_id, PAGE, end_stream=True)


def visit(path: str, folder: Path) -> tuple[Any, list[str]]:
    async def run() -> tuple[Any, list[str]]:
        authority, server = Authority(folder), Server()
        tls = authority.context(["one.example", "two.example"])
        tls.set_alpn_protocols(["h2"])
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        pretence = Pretence(frozenset({"one.example", "two.example"}), {443: port}, str(authority.file))
        async with Fetcher(pretence=pretence, courtesy=Courtesy(interval=0)) as fetcher:
            response = await fetcher.fetch(f"https://one.example{path}")
        listening.close()
        return response, server.requests

    return asyncio.run(run())


def test_page_is_read_over_http_2(tmp_path: Path) -> None:
    response, requests = visit("/post/17", tmp_path)

    assert (response.status, response.error, response.body.encode()) == (200, None, PAGE)
    assert requests == ["one.example/post/17"]


def test_each_hop_is_a_connection_of_its_own(tmp_path: Path) -> None:
    response, requests = visit("/on", tmp_path)

    assert (response.status, response.final_url) == (200, "https://two.example/")
    assert requests == ["one.example/on", "two.example/"]


@pytest.mark.parametrize("path", ["/inside", "/metadata"])
def test_redirect_to_what_is_not_public_is_refused(path: str, tmp_path: Path) -> None:
    response, requests = visit(path, tmp_path)

    assert response.error == "refused_address"
    assert requests == [f"one.example{path}"]
