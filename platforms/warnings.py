"""What a person should know before taking an address for a platform's own: to warn, never to merge or refuse. Pure."""

from functools import lru_cache
from typing import NamedTuple

from platforms.recognition import Recognition, has_mixed_scripts, lookalike, platforms

_NAMES = {platform.slug: platform.name for platform in platforms()}
_MIXED = "The host mixes letters of several scripts, some of which look alike."


class Warned(NamedTuple):
    """A warning: `code` is for programs (`lookalike`, `mixed_scripts`), `message` for people."""

    code: str
    message: str


def warnings(found: Recognition) -> tuple[Warned, ...]:
    """Return what is doubtful about the host that an address names; a platform's own hosts never are."""
    return _of_host(found.canonical.partition("//")[2].partition("/")[0], found.platform)


@lru_cache(maxsize=4096)
def _of_host(host: str, platform: str) -> tuple[Warned, ...]:
    imitated = lookalike(host)
    warned = []
    if imitated and imitated != platform:
        warned.append(Warned("lookalike", f"The host looks like one of {_NAMES[imitated]}, but is not."))
    if has_mixed_scripts(host):
        warned.append(Warned("mixed_scripts", _MIXED))
    return tuple(warned)
