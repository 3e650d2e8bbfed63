"""The address that a letter prints: which of a rule's templates the address of one shape can fill in."""

import re
from collections.abc import Sequence

from platforms.shapes import Shape

_CAPTURE = re.compile(r"\{(\w+)(?::\w+)?\}")
_PARTS = re.compile(r"https?://([^/]+)/([^/?#]*)")


def fitting(shape: Shape, templates: Sequence[str]) -> str:
    """Return the template that is the shape's own form, else the first that it can fill in, else nothing."""
    fits = [template for template in templates if _fills(shape, template)]
    own = _CAPTURE.sub(r"{\1}", shape.text.removesuffix("/**")).rstrip("/")
    return next(
        (template for template in fits if template.rstrip("/").endswith(own)), fits[0] if fits else ""
    )


def _fills(shape: Shape, template: str) -> bool:
    """Whether the shape captures all of it. A name that begins a path, or stands in a host, must do so in both.

    Elsewhere a captured name may be one of the platform's own words, which such a place would not mean.
    """
    host, first = _PARTS.match(template).groups()  # type: ignore[union-attr]
    labels = {name for name, _ in shape.labels} | {"host"}
    path = shape.text[shape.text.index("/") + 1 :]
    return (
        shape.variables.issuperset(_CAPTURE.findall(template))
        and labels.issuperset(_CAPTURE.findall(host))
        and (not first.startswith("{") or _CAPTURE.sub(r"{\1}", re.split("[/?#]", path)[0]) == first)
    )
