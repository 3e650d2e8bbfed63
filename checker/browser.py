"""Looking with a real browser: for pages that need scripts, and for pictures of them.

    async with Fetcher() as fetcher:
        sight = await Browser(fetcher).look("https://example.com/item")

Each look has a browser, a profile and a network of its own: a namespace with nothing in it but `checker.proxy`.
Needs Linux that lets us make network namespaces, and Chromium; without them `CannotLook`.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checker import captures, launch
from checker.captures import Capture
from checker.devtools import Devtools, Failed
from checker.fetch import Fetcher
from checker.guard import Refused, read
from checker.observed import Response
from checker.pretence import Pretence
from checker.proxy import Asked, Proxy
from checker.sighting import Sighting

PROGRAMS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT, TALLEST = 1280, 900, 5000  # pixels of the window, and of the picture at most
LONGEST = 3_000_000  # characters of the page as its scripts left it
_STARTING = 15.0  # seconds
_QUIET = 0.5  # seconds in which the page asks for nothing more
_SETTLING = 4.0  # seconds at most that we wait for that
_SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    f"--proxy-server=http://127.0.0.1:{launch.PORT}",
    "--proxy-bypass-list=<-loopback>",  # by itself Chromium would go to this machine directly
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=AsyncDns,DnsOverHttps,HttpsUpgrades,MediaRouter,OptimizationHints,Translate,WebRtcHideLocalIpsWithMdns",
    "--disable-gpu",
    "--disable-sync",
    "--deny-permission-prompts",
    "--hide-scrollbars",
    "--lang=en-GB",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--password-store=basic",
    f"--window-size={WIDTH},{HEIGHT}",
)


class CannotLook(Exception):
    """There is no browser here, or no way to lock it in; the message says what is missing."""


@dataclass(frozen=True)
class Sight:
    """What was seen: the page as its scripts left it, the files that show it, and every connection asked for."""

    response: Response
    captures: list[Capture] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


class Browser:
    """Opens pages. As root it runs as `account`, which should own nothing; otherwise as ourselves."""

    def __init__(
        self, fetcher: Fetcher, *, program: str = "", account: str = "nobody", seconds: float = 30.0
    ) -> None:
        self.fetcher, self.account, self.seconds = fetcher, account, seconds
        found = [path for name in ([program] if program else PROGRAMS) if (path := shutil.which(name))]
        if not found:
            raise CannotLook("Chromium is not installed: apt-get install chromium")
        self.program = found[0]

    async def check(self) -> None:
        """Start one and end it; raises `CannotLook`."""
        async with self._locked_in():
            pass

    async def look(self, url: str) -> Sight:
        """Open the page; raises `CannotLook`, but not for what a host does."""
        try:
            _, host, _ = read(url)
        except Refused:
            return Sight(Response(final_url=url, error="refused_address"))
        async with self.fetcher.courtesy.turn(host), self._locked_in() as (proxy, devtools, sighting):
            taken: list[Capture] = []
            try:
                async with asyncio.timeout(self.seconds):
                    await self._open(url, devtools, sighting)
                    if not sighting.error:
                        taken = await self._take(devtools, sighting)
            except (TimeoutError, Failed) as problem:
                sighting.error = "timeout" if isinstance(problem, TimeoutError) else "protocol"
            return _sight(url, proxy, sighting, taken)

    async def _open(self, url: str, devtools: Devtools, sighting: Sighting) -> None:
        targets = (await devtools.ask("Target.getTargets"))["targetInfos"]
        page = next((each["targetId"] for each in targets if each["type"] == "page"), None)
        page = page or (await devtools.ask("Target.createTarget", url="about:blank"))["targetId"]
        await devtools.ask("Browser.setDownloadBehavior", behavior="deny")
        attached = await devtools.ask("Target.attachToTarget", targetId=page, flatten=True)
        devtools.session = attached["sessionId"]
        for domain in ("Page", "Network"):
            await devtools.ask(f"{domain}.enable")
        sighting.frame = (await devtools.ask("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        sighting.on_dialog = lambda: devtools.tell("Page.handleJavaScriptDialog", accept=False)
        answer = await devtools.ask("Page.navigate", url=url)
        if answer.get("errorText"):
            sighting.fails(answer["errorText"])
            return
        await sighting.loaded(self.seconds / 2)
        await sighting.settled(_QUIET, _SETTLING)

    async def _take(self, devtools: Devtools, sighting: Sighting) -> list[Capture]:
        """Read the page in a world of our own, where its scripts have changed no function."""
        world = await devtools.ask("Page.createIsolatedWorld", frameId=sighting.frame)
        where = {"contextId": world["executionContextId"], "returnByValue": True, "timeout": 5000}
        script = (
            f"[document.URL, document.documentElement.outerHTML.slice(0, {LONGEST}),"
            f" (document.body || document.documentElement).innerText.slice(0, {captures.LONGEST})]"
        )
        answer = await devtools.ask("Runtime.evaluate", expression=script, **where)
        sighting.url, sighting.body, text = answer["result"]["value"]
        size = (await devtools.ask("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {
            "x": 0,
            "y": 0,
            "width": WIDTH,
            "height": max(HEIGHT, min(size["height"], TALLEST)),
            "scale": 1,
        }
        picture = await devtools.ask(
            "Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True
        )
        *_, fingerprint = captures.of_page(Response(200, body=sighting.body))
        taken = [
            Capture("document", sighting.body.encode("utf-8", "replace")),
            Capture("text", text.encode("utf-8", "replace")),
            fingerprint,
            Capture("screenshot", base64.b64decode(picture["data"])),
        ]
        return [each for each in taken if each.content]

    @asynccontextmanager
    async def _locked_in(self) -> AsyncIterator[tuple[Proxy, Devtools, Sighting]]:
        """A browser that has no other way out than the proxy; nothing of it is left afterwards."""
        sighting = Sighting()
        with _folder(self.account) as (folder, uid, gid), _pipes() as (ours, theirs):
            back, channel = socket.socketpair()
            with back, channel:
                given = [channel.fileno(), theirs[0], theirs[1]]
                command = [sys.executable, "-I", launch.__file__, *map(str, [*given, uid, gid])]
                command += [self.program, *await self._switches(folder), "about:blank"]
                process = await asyncio.create_subprocess_exec(
                    *command,
                    pass_fds=given,
                    env=_environment(folder),
                    cwd=folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                    start_new_session=True,
                )
                try:
                    for number in theirs:
                        os.close(number)
                    channel.close()
                    door = await _door(back, process)
                    async with (
                        Proxy(door, self.fetcher.target, pretence=self.fetcher.pretence) as proxy,
                        Devtools(ours[0], ours[1], sighting.hear) as devtools,
                    ):
                        await _answering(devtools, process)
                        yield proxy, devtools, sighting
                finally:
                    await _end(process)

    async def _switches(self, folder: str) -> list[str]:
        switches = [*_SWITCHES, f"--user-data-dir={folder}/profile"]
        if self.fetcher.pretence and self.fetcher.pretence.authority:
            known = await asyncio.to_thread(_pretend_key, self.fetcher.pretence)
            switches.append(f"--ignore-certificate-errors-spki-list={known}")
        return switches


def _sight(url: str, proxy: Proxy, sighting: Sighting, taken: list[Capture]) -> Sight:
    place = sighting.url or url
    error = _error(place, proxy, sighting.error) if sighting.error else None
    body = "" if error else sighting.body
    response = Response(sighting.status, place, sighting.redirects, sighting.headers, body, error)
    return Sight(response, [] if error else taken, proxy.asked)


def _error(url: str, proxy: Proxy, error: str) -> str:
    """Return what went wrong; what the proxy knows of the last address goes before what the browser guesses."""
    try:
        _, host, _ = read(url)
    except Refused:
        return "refused_address"
    return proxy.refusal(host) or error


async def _door(back: socket.socket, process: asyncio.subprocess.Process) -> socket.socket:
    """The listening socket inside the browser's network, as its launcher hands it over."""
    back.settimeout(_STARTING)
    try:
        _, numbers, _, _ = await asyncio.to_thread(socket.recv_fds, back, 16, 1)
    except TimeoutError:
        numbers = []
    if not numbers:
        raise CannotLook(f"a browser cannot be locked in here: {await _last_words(process)}")
    door = socket.socket(fileno=numbers[0])
    door.setblocking(False)
    return door


async def _answering(devtools: Devtools, process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STARTING):
            await devtools.ask("Browser.getVersion")
    except (TimeoutError, Failed):
        raise CannotLook(f"Chromium does not start: {await _last_words(process)}") from None


async def _last_words(process: asyncio.subprocess.Process) -> str:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stderr is not None
    said = (await process.stderr.read(20_000)).decode("utf-8", "replace").strip()
    return said.splitlines()[-1][:300] if said else "it says nothing"


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


@contextlib.contextmanager
def _folder(account: str) -> Any:
    """An empty folder for the browser alone, with the account that it runs as."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        person = pwd.getpwnam(account)
        uid, gid = person.pw_uid, person.pw_gid
    with tempfile.TemporaryDirectory(prefix="look-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "profile").mkdir(mode=0o700)
        for path in (Path(folder), Path(folder) / "profile"):
            os.chown(path, uid, gid)
        yield folder, uid, gid


@contextlib.contextmanager
def _pipes() -> Any:
    """Two pipes: our ends (to read, to write), and theirs (to read, to write); whoever uses an end closes it."""
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    yield (our_in, our_out), (their_in, their_out)


def _environment(folder: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "en_GB.UTF-8",
        "TZ": "Europe/London",
    }


def _pretend_key(pretence: Pretence) -> str:
    """What Chromium calls the key of the pretend world's own certificate."""
    certificate = ssl.get_server_certificate((pretence.address, pretence.ports[443]), timeout=5)
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()
