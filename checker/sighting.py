"""What a browser tells while it opens a page, put together."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from checker.guard import LONGEST

_WORDS = (
    ("NAME_NOT_RESOLVED", "dns"),
    ("TOO_MANY_REDIRECTS", "too_many_redirects"),
    ("TIMED_OUT", "timeout"),
    ("CERT", "tls"),
    ("SSL", "tls"),
    ("INVALID", "protocol"),
    ("BAD_", "protocol"),
    ("UNEXPECTED", "protocol"),
)
_MOST_REDIRECTS = 30


class Sighting:
    """The page in the main frame: its way there, its last answer, and whether it has come to rest."""

    def __init__(self) -> None:
        self.frame, self.url, self.body, self.error = "", "", "", ""
        self.status, self.headers, self.redirects = 0, dict[str, str](), list[str]()
        self.on_dialog: Callable[[], None] = lambda: None
        self._document = ""  # the request of the page itself
        self._open: set[str] = set()  # requests that are not answered yet
        self._busy_at = monotonic()
        self._shown, self._loaded = asyncio.Event(), asyncio.Event()

    def hear(self, method: str, told: dict[str, Any]) -> None:
        name = method.replace(".", "_")
        known = getattr(self, f"_{name}", None)
        if name.startswith("Network_"):
            self._busy_at = monotonic()
        if known:
            known(told)

    def fails(self, text: str) -> None:
        self.error = next((word for part, word in _WORDS if part in text), "connect")
        self._loaded.set()
        self._shown.set()

    async def loaded(self, seconds: float) -> None:
        """Wait until all of the page is there; after `seconds` what is there must do. Raises `TimeoutError`."""
        try:
            async with asyncio.timeout(seconds):
                await self._loaded.wait()
        except TimeoutError:
            if not self._shown.is_set():
                raise

    async def settled(self, quiet: float, seconds: float) -> None:
        """Wait until the page has asked for nothing for `quiet` seconds, at most for `seconds`."""
        end = monotonic() + seconds
        while monotonic() < end and (self._open or monotonic() - self._busy_at < quiet):
            await asyncio.sleep(0.05)

    # -- what is heard, by the name of the event -----------------------------------------------------------------
    def _Network_requestWillBeSent(self, told: dict[str, Any]) -> None:  # noqa: N802
        self._open.add(told["requestId"])
        if told.get("type") != "Document" or told.get("frameId") != self.frame:
            return
        if self._document and len(self.redirects) < _MOST_REDIRECTS:
            self.redirects.append(self.url)
        self._document, self.url = told["requestId"], told["request"]["url"][:LONGEST]

    def _Network_responseReceived(self, told: dict[str, Any]) -> None:  # noqa: N802
        if told["requestId"] == self._document:
            response = told["response"]
            self.status = int(response["status"])
            self.headers = {name.lower(): str(value) for name, value in response["headers"].items()}

    def _Network_loadingFinished(self, told: dict[str, Any]) -> None:  # noqa: N802
        self._open.discard(told["requestId"])

    def _Network_loadingFailed(self, told: dict[str, Any]) -> None:  # noqa: N802
        self._open.discard(told["requestId"])
        if told["requestId"] == self._document:
            self.fails(told.get("errorText", ""))

    def _Page_domContentEventFired(self, told: dict[str, Any]) -> None:  # noqa: N802
        self._shown.set()

    def _Page_loadEventFired(self, told: dict[str, Any]) -> None:  # noqa: N802
        self._loaded.set()

    def _Page_javascriptDialogOpening(self, told: dict[str, Any]) -> None:  # noqa: N802
        self.on_dialog()
