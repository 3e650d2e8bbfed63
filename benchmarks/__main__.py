"""`make bench`: measures every figure and prints one line for each, with its ratio to a plain yardstick.

A module of this package that has `measure() -> Iterable[Figure]` is a benchmark; the database is empty and private.
Name modules to run only those: `make bench ARGS=import_items`.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

import django
from django.core.management import call_command

import benchmarks


def modules(wanted: list[str]) -> Iterator[ModuleType]:
    """The benchmarks by name, or those that are asked for; raises `SystemExit` for one that is not there."""
    names = {found.name for found in pkgutil.iter_modules(benchmarks.__path__)} - {"__main__", "figures"}
    if unknown := sorted(set(wanted) - names):
        raise SystemExit(f"There is no benchmark {unknown[0]}; there are {', '.join(sorted(names))}.")
    for name in sorted(set(wanted) or names):
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "measure"):
            yield module


def main(wanted: list[str]) -> int:
    """Print the figures; 1 if one of them missed its aim."""
    django.setup()
    call_command("migrate", verbosity=0)
    missed = 0
    for module in modules(wanted):
        for figure in module.measure():
            print(figure, flush=True)
            missed += not figure.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
