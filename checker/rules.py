"""What one platform's pages look like: rules that travel as JSON with a job, beside the general ones.

    {"not_found": "medium", "scripts": true,
     "rules": [{"name": "…", "verdict": "gone", "cause": "author", "source": ["…"]}]}

`scripts` says that a page shows what it is about only where its scripts run (with a browser, if there is one).
`not_found` is how sure a bare 404 is there: `high` as everywhere, `medium`, or `inconclusive` where it proves nothing.
A rule applies where all of its conditions hold, of each list any one; the first that applies is the finding:

    status    numbers of `_SPEAKING`; without it 200, 404 and 410
    kinds     the item's kinds
    title     phrases in the title
    told      phrases in what the page tells its visitor
    source    phrases in the body as it is, scripts and all
    missing   phrases of which the body holds none
    landed    phrases in the address where we ended up

That an item is gone holds only of the item's own page; where a page with status 200 tells it, only in a statement of
the site (see `checker.statement`) with little before it. `amid = true` is for platforms that leave the title of what
they removed, and what others said of it.

Phrases are those of `checker.phrases`: lower case, (a|b|) alternatives, * up to 80 characters.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from checker.look import Look
from checker.observed import CAUSES, CONFIDENCES, GONE, VERDICTS, Finding
from checker.page import fold
from checker.phrases import BadPhrase, Phrases, compile_phrases

_FIELDS = {"platform", "not_found", "scripts", "rules", "examples"}
_WHERE = ("title", "told", "source", "missing", "landed")
_RULE_FIELDS = {"name", "verdict", "cause", "confidence", "status", "kinds", "amid", *_WHERE}
_HERE = frozenset({"item", "missing", "suspended"})
_USUAL = (200, 404, 410)
_SPEAKING = frozenset(
    {200, 400, 401, 403, 404, 410, 451, 999}
)  # others say nothing of an item, whatever the page


class BadRules(ValueError):
    """The rules do not hold to the form; the message names the rule."""


class Rule(NamedTuple):
    name: str
    verdict: str
    cause: str | None
    confidence: str
    status: tuple[int, ...]
    kinds: tuple[str, ...]
    phrases: dict[str, Phrases]
    amid: bool = False

    def applies(self, look: Look) -> str | None:
        """Return what on the page showed it, or None."""
        if look.status not in self.status or (self.kinds and look.expected.kind not in self.kinds):
            return None
        if self.verdict in GONE and not self._may_say_gone(look):
            return None
        marker = self.name
        for where, phrases in self.phrases.items():
            found = phrases.found(_text(look, where))
            if bool(found) == (where == "missing"):
                return None
            marker = found or marker
        return marker

    def _may_say_gone(self, look: Look) -> bool:
        """Whether what would show it is said of this item, and by the platform."""
        if look.is_certain or ("landed" not in self.phrases and look.landed not in _HERE):
            return False
        told = self.phrases.get("told")
        if told is None or look.status not in (200, 203):
            return True
        is_shown = not self.amid and (look.is_likely or not look.is_message_of(told))
        return not is_shown and look.declares(told, amid=self.amid)


class Rules(NamedTuple):
    """One platform's rules; empty: nothing is known of it."""

    rules: tuple[Rule, ...] = ()
    not_found: str = "high"
    scripts: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Self:
        """Read rules as they come in a job; raises `BadRules`."""
        if given is None:
            return cls()
        _known("rules", given, _FIELDS)
        not_found = given.get("not_found", "high")
        if not_found not in ("high", "medium", "inconclusive"):
            raise BadRules("not_found must be high, medium or inconclusive")
        scripts = given.get("scripts", False)
        if not isinstance(scripts, bool):
            raise BadRules("scripts must be true or false")
        rows = given.get("rules", [])
        if not isinstance(rows, list | tuple):
            raise BadRules("rules must be a list")
        return cls(tuple(_rule(row) for row in rows), not_found, scripts)

    def judge(self, look: Look) -> Finding | None:
        for rule in self.rules:
            marker = rule.applies(look)
            if marker is not None:
                return Finding(rule.verdict, rule.cause, rule.confidence, marker[:300], rule.name)
        return None

    def absent(self, look: Look) -> Finding | None:
        """What a bare 404 comes to where it is less sure than elsewhere."""
        if not look.is_missing or look.status == 410 or self.not_found == "high":
            return None
        if self.not_found == "medium":
            return Finding(
                "gone",
                "unknown",
                "medium",
                "status 404",
                "the server says 404 for it, which here is not sure",
            )
        return Finding("inconclusive", None, "medium", "status 404", "404 proves nothing on this platform")


def _text(look: Look, where: str) -> str:
    if where == "title":
        return look.page.title
    if where == "told":
        return look.message
    if where == "landed":
        return look.response.final_url.lower()
    return look.page.source


def _known(where: str, row: Any, fields: set[str]) -> None:
    if not isinstance(row, Mapping):
        raise BadRules(f"{where} must be given by names")
    if unknown := sorted(map(str, row.keys() - fields)):
        raise BadRules(f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(fields))}")


def _rule(row: Any) -> Rule:
    name = str(row.get("name", "")) if isinstance(row, Mapping) else ""
    where = f"rule {name or 'without a name'}"
    _known(where, row, _RULE_FIELDS)
    verdict, cause = row.get("verdict"), row.get("cause")
    if not name or verdict not in VERDICTS:
        raise BadRules(
            f"{where}: a name and a verdict must be given; verdicts are {', '.join(sorted(VERDICTS))}"
        )
    if (cause is not None) != (verdict in GONE) or cause not in {None, *CAUSES}:
        raise BadRules(
            f"{where}: gone and account_gone, and they alone, have a cause of {', '.join(sorted(CAUSES))}"
        )
    confidence = row.get("confidence", "high")
    if confidence not in CONFIDENCES:
        raise BadRules(f"{where}: confidence must be one of {', '.join(CONFIDENCES)}")
    phrases = {place: _phrases(where, place, row[place]) for place in _WHERE if place in row}
    if not phrases.keys() - {"missing"} and "status" not in row:
        raise BadRules(f"{where}: nothing is named to show it")
    status = _list(where, "status", row.get("status", _USUAL), int)
    if not _SPEAKING.issuperset(status):
        raise BadRules(f"{where}: status must be of {', '.join(map(str, sorted(_SPEAKING)))}")
    amid = row.get("amid", False)
    if not isinstance(amid, bool):
        raise BadRules(f"{where}: amid must be true or false")
    kinds = _list(where, "kinds", row.get("kinds", ()), str)
    return Rule(name, verdict, cause, confidence, status, kinds, phrases, amid)


def _list(where: str, name: str, given: Any, kind: type) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple) or not all(type(each) is kind for each in given):
        raise BadRules(f"{where}: {name} must be a list of {'numbers' if kind is int else 'texts'}")
    return tuple(given)


def _phrases(where: str, place: str, given: Any) -> Phrases:
    written = _list(where, place, given, str)
    try:
        if not written or (
            place != "source" and place != "missing" and any(fold(each) != each for each in written)
        ):
            raise BadPhrase(f"{place} must list phrases in lower case, with plain quotes and single spaces")
        return compile_phrases(written)
    except BadPhrase as error:
        raise BadRules(f"{where}: {error}") from error
