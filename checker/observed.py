"""What a look brings back, what was expected, and what it comes to: plain records that travel as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

ERRORS = frozenset(
    {"dns", "connect", "timeout", "tls", "too_large", "too_many_redirects", "refused_address", "protocol"}
)
GONE = frozenset({"gone", "account_gone"})
SEEN = frozenset(
    {"live", "changed", "restricted", "geo_blocked"}
)  # an observation of something that is there
NO_OBSERVATION = frozenset({"private", "login_required", "redirected", "inconclusive"})
VERDICTS = GONE | SEEN | NO_OBSERVATION
CAUSES = frozenset(
    {"platform_policy", "account_suspended", "author", "legal", "unknown"}
)  # stated with GONE only
CONFIDENCES = ("low", "medium", "high")


class Record:
    """A dataclass that can be given as a mapping with the same keys; unknown keys are left alone."""

    @classmethod
    def of(cls, given: Self | Mapping[str, Any] | None) -> Self:
        """Return `given` as this record; what a mapping leaves out or gives as None takes its default."""
        if isinstance(given, cls):
            return given
        known = {each.name for each in fields(cls)}  # type: ignore[arg-type]
        given = given if isinstance(given, Mapping) else {}
        return cls(**{name: value for name, value in given.items() if name in known and value is not None})


@dataclass(frozen=True, slots=True)
class Response(Record):
    """The end of a chain of redirects. `redirects` holds the addresses on the way; `error` is one of `ERRORS`."""

    status: int = 0
    final_url: str = ""
    redirects: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint(Record):
    """What a captured page showed, as numbers of word groups: no text of it travels."""

    salient: list[int] = field(
        default_factory=list
    )  # what the page tells of itself: title, description, article
    rest: list[int] = field(default_factory=list)  # a sample of everything else
    length: int = 0  # characters of visible text


@dataclass(frozen=True, slots=True)
class Expected(Record):
    """The item that was reported: names of recognition (interfaces.md, 1), and what its captured page showed."""

    platform: str = ""
    kind: str = ""
    identifier: str = ""
    canonical: str = ""
    fingerprint: Fingerprint | Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """What one look comes to. `cause` only with something gone; `marker` is what on the page showed it."""

    verdict: str = "inconclusive"
    cause: str | None = None
    confidence: str = "low"
    marker: str = ""
    reason: str = ""
