"""What a claim says, field by field, each as a person would write it into a form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from reports.facts import WINDOWS
from reports.periods import Period, day, instant
from reports.phrases import CHANGES, PHRASES, Amount, amount

SPELT = {"from": "first", "to": "last", "earlier_from": "earlier_first", "earlier_to": "earlier_last"}


@dataclass(frozen=True)
class Claim:
    """Every field is text, empty for what is not said.

    `value` is 90%, 1/3 or 10,700; `first` and `last` are days like 2020-01-31; `as_at` is a day too, or a time with its
    zone. The earlier period is for “up” and “down” alone.
    """

    phrase: str = ""
    value: str = ""
    statistic: str = ""
    window: str = ""
    platform: str = ""
    category: str = ""
    kind: str = ""
    channel: str = ""
    first: str = ""
    last: str = ""
    as_at: str = ""
    earlier_first: str = ""
    earlier_last: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Claim":
        """From a mapping; days and times may be dates, `from` and `to` are known. Raises `ValueError`."""
        named = {SPELT.get(name, name): value for name, value in given.items()}
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(named) - known):
            raise ValueError(
                f"A claim has no field {', '.join(unknown)}: use {', '.join(_spelt(sorted(known)))}."
            )
        claim = cls(**{name: _text(value) for name, value in named.items()})
        claim.check()
        return claim

    def check(self) -> None:
        """Raise `ValueError`, naming the field, for what no claim can say."""
        if self.phrase and self.phrase not in PHRASES:
            raise ValueError(f"phrase: “{self.phrase}” is not known: use {', '.join(PHRASES)}.")
        if self.window and self.window not in WINDOWS:
            raise ValueError(f"window: “{self.window}” is not computed: use {', '.join(WINDOWS)}.")
        for name in ("value", "as_at", "first", "last", "earlier_first", "earlier_last"):
            if text := getattr(self, name):
                _read(name, text)
        if self.first and self.last:
            Period(day(self.first), day(self.last))

    @property
    def amount(self) -> Amount:
        return amount(self.value)

    @property
    def is_change(self) -> bool:
        return self.phrase in CHANGES

    @property
    def filters(self) -> dict[str, str]:
        named = {name: getattr(self, name) for name in ("platform", "category", "kind", "channel")}
        return {name: value for name, value in named.items() if value}

    def as_dict(self) -> dict[str, str]:
        """The fields as the address, the API and the command spell them."""
        back = {name: spelt for spelt, name in SPELT.items()}
        return {back.get(name, name): value for name, value in asdict(self).items()}


def _spelt(names: list[str]) -> list[str]:
    back = {name: spelt for spelt, name in SPELT.items()}
    return [back.get(name, name) for name in names]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):  # or a datetime
        return value.isoformat()
    return str(value).strip()


def _read(name: str, text: str) -> None:
    try:
        if name == "value":
            amount(text)
        elif name == "as_at" and len(text) != len("2020-01-31"):
            instant(text)
        else:
            Period(day(text), day(text))
    except ValueError as error:
        raise ValueError(f"{_spelt([name])[0]}: {error}") from error
