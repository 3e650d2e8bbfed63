"""A desk for tests: it leases what it is given, loses leases on demand, keeps files, and counts what is posted."""

import asyncio
import hashlib
import json
from collections import Counter
from typing import Any, Self


class Desk:
    """`async with Desk(jobs) as desk:`; `fails` holds what to answer instead, first things first."""

    def __init__(self, addresses: list[str] | None = None) -> None:
        self.waiting = [job(number, address) for number, address in enumerate(addresses or [])]
        self.leased: dict[str, dict[str, Any]] = {}
        self.posted: list[dict[str, Any]] = []
        self.handed_back: list[str] = []
        self.files: dict[str, bytes] = {}
        self.largest = 1_000_000_000
        self.asked: Counter[str] = Counter()
        self.fails: dict[str, list[int]] = {}
        self.lost: set[str] = set()
        self.lease_seconds = 300.0

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                content = await reader.readexactly(int(headers["content-length"]))
                _, _, _, where, what, _ = lines[0].split("/", 5)
                if where == "blobs":
                    status, answer = self._blobs(content)
                else:
                    status, answer = self._answer(what, headers, json.loads(content))
                text = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, what: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked[what] += 1
        if fails := self.fails.get(what):
            return fails.pop(0), {}
        if headers["authorization"] != "Bearer secret":
            return 401, {}
        return 200, getattr(self, f"_{what}")(body)

    def _blobs(self, content: bytes) -> tuple[int, dict[str, Any]]:
        self.asked["blobs"] += 1
        if fails := self.fails.get("blobs"):
            return fails.pop(0), {}
        refused = []
        while content:
            line, _, content = content.partition(b"\n")
            sha256, size = line.decode().split(" ")
            file, content = content[: int(size)], content[int(size) :]
            if len(file) > self.largest or hashlib.sha256(file).hexdigest() != sha256:
                refused.append({"sha256": sha256, "detail": "not kept"})
            else:
                self.files[sha256] = file
        return 200, {"kept": 0, "known": 0, "refused": refused}

    def _lease(self, body: dict[str, Any]) -> dict[str, Any]:
        taken, self.waiting = self.waiting[: body["limit"]], self.waiting[body["limit"] :]
        self.leased.update({each["job"]: each for each in taken})
        pause = 0.0 if self.waiting else 30.0
        return {
            "jobs": taken,
            "rules": {"x": None},
            "lease_seconds": self.lease_seconds,
            "come_again_in": pause,
        }

    def _extend(self, body: dict[str, Any]) -> dict[str, Any]:
        kept = [each["job"] for each in body["leases"] if each["job"] not in self.lost]
        return {"kept": kept, "lease_seconds": self.lease_seconds}

    def _hand_back(self, body: dict[str, Any]) -> dict[str, Any]:
        self.handed_back += [each["job"] for each in body["leases"]]
        return {"handed_back": len(body["leases"])}

    def _findings(self, body: dict[str, Any]) -> dict[str, Any]:
        self.posted += body["findings"]
        refused = [each for each in body["findings"] if not self._takes(each)]
        return {"recorded": len(body["findings"]) - len(refused), "repeated": 0,
                "refused": [{"job": each["job"], "attempt": 1, "detail": "unknown"} for each in refused]}  # fmt: skip

    def _takes(self, finding: dict[str, Any]) -> bool:
        return finding["job"] in self.leased and all(
            each["sha256"] in self.files for each in finding["captures"]
        )


def job(number: int, address: str, attempt: int = 1) -> dict[str, Any]:
    expected = {
        "platform": "x", "kind": "post", "identifier": address.rpartition("/")[2], "canonical": address,
        "fingerprint": None,
    }  # fmt: skip
    key = f"00000000-0000-4000-8000-{number:012d}"
    return {"job": key, "attempt": attempt, "reason": "scheduled", "due_at": "", "expected": expected}
