"""PostgreSQL refuses to run as root: as root its processes run under an account without privileges.

No account is made and no folder above ours is opened: what the account cannot reach is said, not changed.
"""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from config.embedded.problems import CannotRun

CANDIDATES = ("postgres", "nobody")
LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes
ELSEWHERE = Path("/var/lib")


def account_for(data: Path) -> pwd.struct_passwd | None:
    """The account for the database in `data`; None when we are not root and run it as ourselves.

    An existing folder keeps its owner, whichever accounts were added to the machine since.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid):
        return pwd.getpwuid(owner)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    wanted = [os.environ.get("TAKEDOWN_PG_USER", ""), *CANDIDATES]
    for name in wanted:
        if name in known:
            return known[name]
    raise CannotRun(
        "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it as."
    )


def run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of `subprocess` that drop root for good; none when there is no account to change to."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_reach(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Tried out by a child: permissions, links and mounts are the kernel's to judge."""
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    return subprocess.run(command, cwd="/", check=False, **run_as(account)).returncode == 0


def give(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Make `folder` if need be, closed to everyone but the account."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def short_folder(wanted: Path, socket_name: str) -> Path:
    """`wanted`, or a new folder in the temporary one when a socket's path in `wanted` would be too long."""
    if len(os.fsencode(wanted / socket_name)) <= LONGEST_SOCKET_PATH:
        return wanted
    return Path(tempfile.mkdtemp(prefix="takedown-"))


def reachable_home(home: Path) -> Path:
    """Where the database of `home` lives: there, unless we are root and its account cannot enter.

    Then (a checkout in root's closed folder) it lives in /var/lib, and the link `home/database` leads there.
    """
    link = home / "database"
    if link.is_symlink():
        return link.resolve()
    if can_reach(home, account_for(home / "none yet")):
        return home
    elsewhere = Path(tempfile.mkdtemp(prefix="takedown-desk-", dir=ELSEWHERE))
    elsewhere.chmod(0o711)
    link.symlink_to(elsewhere)
    return elsewhere
