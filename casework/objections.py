"""What apps further left have against a verb of an item: they register it here, and casework need not know them.

An app does so in a module of its own called `objections`, which is loaded when Django starts.
"""

from collections import defaultdict
from collections.abc import Callable

from casework.models import Item

Objection = Callable[[Item], str]  # returns why not, or ""
_registered: dict[str, list[Objection]] = defaultdict(list)


def objects_to(verb: str) -> Callable[[Objection], Objection]:
    """Ask the decorated function before an item is moved by `verb`."""

    def register(objection: Objection) -> Objection:
        _registered[verb].append(objection)
        return objection

    return register


def objection(verb: str, item: Item) -> str:
    """The first objection to using `verb` on the item, as a sentence; "" if there is none."""
    return next(filter(None, (ask(item) for ask in _registered[verb])), "")
