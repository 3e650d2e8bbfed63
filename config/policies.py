"""No address without a policy: a system check, so that a forgotten `@allow` stops every command and the start."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.settings import api_settings

APART = frozenset({"admin"})  # the admin site asks for its own role in each of its views
WITHOUT_POLICY = "config.E001"


def every_route_has_a_policy(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """An error for every address of the URLconf whose view does not say who may use it."""
    return [
        Error(
            f"Nothing says who may use “/{address}”.",
            hint="Put @allow(…) or @login_not_required above the view; the API's are accounts.endpoints.Endpoint.",
            obj=view,
            id=WITHOUT_POLICY,
        )
        for address, view in _views(get_resolver())
        if not has_policy(view)
    ]


def has_policy(view: Any) -> bool:
    """Whether a view carries `@allow`, is public by declaration, or is an endpoint that says more than “signed in”."""
    if hasattr(view, "permissions"):
        return True
    if not getattr(view, "login_required", True) and not hasattr(view, "cls"):
        return True
    endpoint = getattr(view, "cls", None)
    asked = set(getattr(endpoint, "permission_classes", ()))
    return bool(asked - set(api_settings.DEFAULT_PERMISSION_CLASSES))


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address, entry.callback
        elif entry.app_name not in APART:
            yield from _views(entry, address)
