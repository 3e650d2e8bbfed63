"""Talking to a Chromium over a pipe: no port of it is open to anybody."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

_LONGEST = 64_000_000  # bytes of one message
Hear = Callable[[str, dict[str, Any]], None]


class Failed(Exception):
    """The browser could not do it, or is gone."""


class Devtools:
    """`hear(method, parameters)` is called for each event, in order."""

    def __init__(self, incoming: int, outgoing: int, hear: Hear) -> None:
        self.incoming, self.outgoing, self.hear = incoming, outgoing, hear
        self.waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.session: str | None = None
        self._number = 0

    async def __aenter__(self) -> "Devtools":
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=_LONGEST)
        self._pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._reader), os.fdopen(self.incoming, "rb", 0)
        )
        os.set_blocking(self.outgoing, True)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._pipe.close()
        os.close(self.outgoing)

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what the browser answers; raises `Failed`."""
        self._number += 1
        number, answer = self._number, asyncio.get_running_loop().create_future()
        self.waiting[number] = answer
        self._say(number, method, parameters)
        try:
            return await answer
        finally:
            self.waiting.pop(number, None)

    def tell(self, method: str, **parameters: Any) -> None:
        """Say something whose answer is of no interest."""
        self._number += 1
        self._say(self._number, method, parameters)

    def _say(self, number: int, method: str, parameters: dict[str, Any]) -> None:
        message = {"id": number, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        try:
            os.write(self.outgoing, json.dumps(message).encode() + b"\0")
        except OSError as error:
            raise Failed("the browser is gone") from error

    async def _listen(self) -> None:
        try:
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if "method" in message:
                    self.hear(message["method"], message.get("params", {}))
                elif (answer := self.waiting.get(message.get("id"))) and not answer.done():
                    self._settle(answer, message)
        except (EOFError, OSError, ValueError, asyncio.LimitOverrunError) as problem:
            for answer in self.waiting.values():
                if not answer.done():
                    answer.set_exception(Failed(f"the browser is gone: {problem}"))

    @staticmethod
    def _settle(answer: asyncio.Future[dict[str, Any]], message: dict[str, Any]) -> None:
        if "error" in message:
            answer.set_exception(Failed(str(message["error"].get("message", ""))))
        else:
            answer.set_result(message.get("result", {}))
