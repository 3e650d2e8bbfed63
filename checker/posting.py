"""What was found on its way to the desk: files in bundles, then the findings that name them, in batches."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from time import time

from checker.client import Client, NotAllowed, Rejected, Unreachable
from checker.spool import Spool, Spooled

logger = logging.getLogger("checker")

BATCH = 200  # findings
BUNDLE = 4_000_000  # bytes of files sent at once; a larger file goes alone
POST_EVERY = 1.0  # seconds
LONGEST_PAUSE = 60.0
PATIENCE = 600.0  # seconds that a finding waits for files which the desk cannot be given
ENDING = 10.0  # seconds that findings on their way are given, when stopping


class Poster:
    """Posts what is in the spool until it is cancelled; no file keeps a finding back for long."""

    def __init__(self, client: Client, spool: Spool) -> None:
        self.client, self.spool = client, spool
        self.busy = asyncio.Lock()

    async def post_for_ever(self) -> None:
        """Raises `NotAllowed`."""
        while True:
            if not await self.post():
                await asyncio.sleep(POST_EVERY)

    async def end(self, posting: asyncio.Task[None]) -> None:
        """Let what is on its way arrive, and stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.busy.acquire(), ENDING)
        posting.cancel()
        with suppress(asyncio.CancelledError, NotAllowed):
            await posting

    async def post(self) -> bool:
        """Post what is written down; tell whether there may be more."""
        waiting = self.spool.waiting(BATCH)
        if not waiting:
            return False
        try:
            async with self.busy:
                await self._post(waiting)
        except Unreachable as problem:
            logger.warning("findings wait: %s", problem)
            await asyncio.sleep(min(max(problem.wait, 2.0), LONGEST_PAUSE))
            return False
        return len(waiting) == BATCH

    async def post_all(self) -> None:
        """Raises `Unreachable`, `NotAllowed`."""
        while waiting := self.spool.waiting(BATCH):
            await self._post(waiting)

    async def _post(self, findings: list[Spooled]) -> None:
        try:
            refused = await self._send(findings)
        except Unreachable as problem:
            late = [each for each in findings if time() - each.made >= PATIENCE or not self._files([each])]
            why = dict.fromkeys(self._files(late), f"could not be sent: {problem}")
            if late:
                await self._tell([self._without(each, why) for each in late])
            raise
        await self._tell([self._without(each, refused) for each in findings])

    # -- files -----------------------------------------------------------------------------------------------------

    def _files(self, findings: Iterable[Spooled]) -> dict[str, Path]:
        """By hash, those that are still here: the others the desk had when it took the finding before."""
        named = {sha256 for each in findings for sha256 in each.files.values()}
        return {sha256: file for sha256 in sorted(named) if (file := self.spool.file(sha256)).exists()}

    async def _send(self, findings: Iterable[Spooled]) -> dict[str, str]:
        """Returns, by hash, why files were refused."""
        refused: dict[str, str] = {}
        for bundle in _bundles(self._files(findings)):
            refused |= await self._send_bundle(bundle)
        return refused

    async def _send_bundle(self, bundle: dict[str, Path]) -> dict[str, str]:
        try:
            refused = await self.client.send(bundle)
        except Rejected as problem:
            if len(bundle) > 1:  # one of them stands in the way of the others
                return {
                    name: why
                    for sha256, file in bundle.items()
                    for name, why in (await self._send_bundle({sha256: file})).items()
                }
            refused = dict.fromkeys(bundle, str(problem))
        return {sha256: f"was refused: {why}" for sha256, why in refused.items()}

    def _without(self, finding: Spooled, why: dict[str, str]) -> Spooled:
        """The finding without the files that the desk has not got, in the spool too."""
        for kind, sha256 in finding.files.items():
            if sha256 in why:
                said = f"its {kind} {why[sha256]}"
                logger.warning("finding of job %s goes without a file: %s", finding.job, said)
                finding = self.spool.without(finding, [kind], said)
        return finding

    # -- findings --------------------------------------------------------------------------------------------------

    async def _tell(self, findings: list[Spooled]) -> None:
        try:
            answer = await self.client.post(findings)
        except Rejected as problem:
            if len(findings) > 1:  # one of them stands in the way of the others
                for each in findings:
                    await self._tell([each])
                return
            answer = {"refused": [{"job": findings[0].job, "detail": str(problem)}]}
        refused = {each["job"]: each["detail"] for each in answer["refused"]}
        for job, why in refused.items():
            logger.warning("finding of job %s refused: %s", job, why)
        again = {each.job: each for each in findings if each.files and each.job in refused}
        for each in again.values():  # next time it goes without: its files may be why
            self.spool.without(each, each.files, f"its files were refused: {refused[each.job]}")
        self.spool.taken([each for each in findings if each.job not in again], refused=refused)


def _bundles(files: dict[str, Path]) -> Iterator[dict[str, Path]]:
    bundle: dict[str, Path] = {}
    size = 0
    for sha256, file in files.items():
        more = file.stat().st_size
        if bundle and size + more > BUNDLE:
            yield bundle
            bundle, size = {}, 0
        bundle[sha256] = file
        size += more
    if bundle:
        yield bundle
