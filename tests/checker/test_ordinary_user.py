"""A browser for a checker that is not root: locked in all the same, or none at all."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
# Becomes an account without privileges, whose namespaces are limited to so many, and looks.
PROGRAM = """
import ctypes, os, sys

uid, gid = os.getuid(), os.getgid()
if ctypes.CDLL(None).unshare(0x10000000):
    sys.exit("no namespaces here")
for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {uid} 1"), ("gid_map", f"1000 {gid} 1")):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
if sys.argv[1] == "none":
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2]])
"""
LOOK = """
import asyncio, os
from checker.browser import Browser, CannotLook
from checker.fetch import Fetcher
from checker.pretend.world import World

async def look():
    async with World({"http://chirp.example/item/1": "live"}) as world, Fetcher(pretence=world.pretence) as fetcher:
        try:
            browser = Browser(fetcher)
            await browser.check()
            sight = await browser.look("http://chirp.example/item/1")
        except CannotLook as problem:
            print(problem)
        else:
            print(os.getuid(), sight.response.status, sight.captures[-1].kind)

asyncio.run(look())
"""


def seen(namespaces: str) -> str:
    command = [sys.executable, "-c", PROGRAM, namespaces, LOOK]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=Path.cwd())
    if "no namespaces here" in done.stderr or "Chromium is not installed" in done.stdout:
        pytest.skip(done.stderr or done.stdout)
    return done.stdout.strip() or done.stderr


def test_ordinary_user_looks_with_a_browser() -> None:
    assert seen("some") == "1000 200 screenshot"


def test_without_namespaces_there_is_no_browser_and_the_message_says_what_to_do() -> None:
    assert seen("none") == (
        "a browser cannot be locked in here: the system gives this account no network namespace (No space left on "
        "device). Run the checker as root, or allow user namespaces: docs/checker.md"
    )
