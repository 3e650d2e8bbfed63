"""The pretend platforms of a demonstration and its checker, as programs of the embedded run."""

from pathlib import Path

BEHAVIOURS, WORLD, TOKEN = "pretend.json", "pretend-world.json", "checker.token"
AT_A_TIME = 4


def programs(data: Path, api: str) -> dict[str, list[str]]:
    """What is started where a demonstration was made: nothing without its files.

    The checker is always told of the pretend world, and whoever is told of one can reach no other.
    """
    behaviours, world, token = data / BEHAVIOURS, data / WORLD, data / TOKEN
    if not (behaviours.exists() and token.exists()):
        return {}
    checker = ["checker", "--api", api, "--token-file", str(token), "--browser"]
    checker += ["--concurrency", str(AT_A_TIME)]
    return {
        "pretend": ["checker.pretend", str(behaviours), str(world)],
        "checker": [*checker, "--pretend", str(world)],
    }
