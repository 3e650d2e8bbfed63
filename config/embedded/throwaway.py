"""A private PostgreSQL for the length of one command: for tests and for checks that need a database.

python -m config.embedded.throwaway -- python manage.py makemigrations --check
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from config.embedded.lock import Lock
from config.embedded.postgres import Addresses, Postgres
from config.embedded.problems import CannotRun

PREFIX = "takedown-throwaway-"
LEFT_BEHIND_SECONDS = 600
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@contextlib.contextmanager
def throwaway_database(*, durable: bool = False) -> Iterator[tuple[Addresses, Path]]:
    """Yields the addresses and an empty folder for files; both are gone afterwards.

    `durable` writes to disk as a real site does, so that what is measured is true.
    """
    remove_left_behind()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    home.chmod(0o711)  # as root the database runs under another account
    with contextlib.ExitStack() as kept:
        kept.callback(shutil.rmtree, home, ignore_errors=True)
        server = Postgres(home, throwaway=True, settings=DURABLE if durable else {})
        kept.callback(server.stop)
        addresses = server.start()
        files = home / "data"
        files.mkdir(mode=0o700)
        yield addresses, files


def environment(url: str, files: Path) -> dict[str, str]:
    """What the product's settings need, none of it from the caller's own site."""
    return {
        "DATABASE_URL": url,
        "CELERY_BROKER_URL": "memory://",
        "SECRET_KEY": "of a throw-away database, nothing to keep secret",
        "TAKEDOWN_DATA": str(files),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": "1",  # nobody listens there: nothing leaves
    }


def remove_left_behind() -> None:
    """Folders of runs that were killed; a young one may belong to a run that is just starting."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, CannotRun):
            if time.time() - home.stat().st_mtime < LEFT_BEHIND_SECONDS or home.stat().st_uid != os.geteuid():
                continue
            for path in home.glob("pg*.lock"):
                lock = Lock(path)
                lock.take(busy="in use", patience=0)
                lock.release()
            shutil.rmtree(home)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.embedded.throwaway")
    parser.add_argument("--durable", action="store_true", help="write to disk as a real site does")
    parser.add_argument("command", nargs="+", help="what to run while the database is there, after --")
    chosen = parser.parse_args(arguments)
    try:
        with throwaway_database(durable=chosen.durable) as (addresses, files):
            return subprocess.run(
                chosen.command, env={**os.environ, **environment(addresses.owner, files)}, check=False
            ).returncode
    except CannotRun as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
