"""Whether words on a page are a site's own statement, or stand within what a person wrote.

Sites say it in a sentence of its own, at the top and with little before it: "Sorry, this post was removed because …".
Persons go on: "account banned, new one here", "this page was deleted 5 times".
"""

import re

from checker.phrases import general

_BEFORE = 5  # words of the sentence that may stand before: "Unfortunately, the page that …"
_AFTER = 8  # signs of an ending, where words are not written apart
_FULL = "\\u3002\\uff01\\uff1f"  # the ends of sentences where words are not written apart
_ENDS = re.compile(rf"[.!?:;…]+(?=\s|\Z)|[{_FULL}\uff1a]")
_STOP = re.compile(rf"\A[\s\"')\]»”*]*(?:[.…{_FULL}]|\Z)")
_ENDING = re.compile(r"\A\w+")
_COMMA = re.compile(r"[,\u3001\uff0c]")
_WORDS = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TURNS = frozenset(
    {"again", "ale", "aber", "ama", "but", "dar", "ma", "mais", "mas", "pero", "so", "twice", "но"}
)  # with which a person goes on
_PERSONS = frozenset(
    {
        "how",
        "if",
        "when",
        "why",
        "he",
        "her",
        "his",
        "i",
        "my",
        "our",
        "she",
        "their",
        "they",
        "we",
        "мой",
        "моя",
        "наш",
        "наша",
    }
)


def is_statement(text: str, start: int, end: int) -> bool:
    """Tell whether `text[start:end]` is all that a sentence of `text` (folded) says, and nobody else speaks."""
    *earlier, before = _ENDS.split(text[:start])
    words = _WORDS.findall(before)
    if _PERSONS.intersection(words) or not all(map(is_excuse, earlier)):
        return False
    if len(words) > _BEFORE and not general()["not_found"].found(before):
        return False
    if _UNSPACED.search(text[start:end]):
        after = _ENDS.split(text[end:])[0].rstrip()
        return len(after) <= _AFTER and not _COMMA.search(after)
    rest = _rest(text[start:end], _ENDING.sub("", text[end:]))
    return rest is not None and all(map(_is_of_a_site, _ENDS.split(rest)))


def is_excuse(part: str) -> bool:
    """Tell whether these words say no more than that something is wrong; nothing does so as well."""
    rest = part
    for phrase in general()["excuse"].phrases:
        rest = phrase.pattern.sub(" ", rest)
    return not _WORDS.search(rest)


def _rest(found: str, after: str) -> str | None:
    """Return what follows the sentence, if it ends here or goes on with by whom or why; None: with something else."""
    if stop := _STOP.match(after):
        return after[stop.end() :]
    plain, reasons = after.lstrip(" ,"), general()["reason"]
    gives_a_reason = any(phrase.pattern.match(plain) for phrase in reasons.phrases)
    if not gives_a_reason and (plain.startswith("and ") or not reasons.found(found)):
        return None
    end = _ENDS.search(plain)
    sentence = plain[: end.start()] if end else plain
    _, comma, aside = sentence.partition(",")
    if (end and not _STOP.match(end[0])) or (comma and not _is_of_a_site(aside)):
        return None
    return None if _TURNS.intersection(_WORDS.findall(sentence)) else plain[len(sentence) :]


def _is_of_a_site(part: str) -> bool:
    return not _WORDS.search(part) or bool(general()["site"].found(part))
