"""Whether this machine's clock can be believed: what the kernel knows of it, and how far another clock is away."""

import ctypes
import os
from dataclasses import dataclass
from datetime import datetime

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC
_ERROR = 5  # TIME_ERROR: what adjtimex returns for a clock that nobody sets


class _Timex(ctypes.Structure):
    """The beginning of `struct timex` of adjtimex(2), and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """`source` is what sets the clock; `error_ms` what it may be wrong by, where that is known."""

    source: str  # "ntp": set over the network; "free": by nobody; "unknown": the system does not say
    error_ms: int | None = None
    offset_ms: int | None = None  # what the desk's clock was ahead of ours, where it was compared


def state() -> Clock:
    """Return what the kernel says of its clock."""
    read, timex = getattr(ctypes.CDLL(None), "adjtimex", None), _Timex()
    answer = read(ctypes.byref(timex)) if read and os.name == "posix" else -1
    if answer < 0:
        return Clock("unknown")
    if answer == _ERROR or timex.status & _UNSYNCHRONISED:
        return Clock("free")
    return Clock("ntp", error_ms=timex.maxerror // 1000)


def offset(asked: datetime, told: datetime, answered: datetime) -> int:
    """Return by how many milliseconds a clock that told `told` is ahead of ours, taking it as read half way."""
    return round((told - (asked + (answered - asked) / 2)).total_seconds() * 1000)
