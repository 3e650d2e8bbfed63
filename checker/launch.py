"""Starts a program where there is no network but one door: the socket that whoever started us answers at.

    python -I launch.py CHANNEL IN OUT UID GID PROGRAM ARGUMENT…

Run as a file, before anything of the program: a network namespace of its own with nothing in it but a loopback, whose
listening socket goes back over CHANNEL; IN and OUT become file descriptors 3 and 4; another user where we may; then
PROGRAM takes our place. Needs nothing but Python and Linux.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import sys

PORT = 3128  # of the door, inside
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x41
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38
_LARGEST_FILE = 500_000_000  # bytes
_WAYS = "Run the checker as root, or allow user namespaces: docs/checker.md"


def main(numbers: list[int], command: list[str]) -> None:
    channel, incoming, outgoing, uid, gid = numbers
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _leave_the_network(libc)
        door = _door()
    except OSError as problem:
        sys.exit(f"the system gives this account no network namespace ({problem.strerror}). {_WAYS}")
    with socket.socket(fileno=channel) as back:
        socket.send_fds(back, [b"door"], [door.fileno()])
    door.close()
    for wanted, given in (
        (3, fcntl.fcntl(incoming, fcntl.F_DUPFD, 10)),
        (4, fcntl.fcntl(outgoing, fcntl.F_DUPFD, 10)),
    ):
        os.dup2(given, wanted)
    os.closerange(5, 1024)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    if os.getuid() == 0 and uid:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    os.execv(command[0], command)  # noqa: S606


def _leave_the_network(libc: ctypes.CDLL) -> None:
    """Raise `OSError` where the system does not let us."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(_NEW_NETWORK if uid == 0 else _NEW_USER | _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if uid:
        for name, content in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(content)


def _door() -> socket.socket:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        named = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _GET_FLAGS, named))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.bind(("127.0.0.1", PORT))
    door.listen(256)
    return door


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:6]], sys.argv[6:])
