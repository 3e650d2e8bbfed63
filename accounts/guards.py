"""Every view declares who may use it: `@allow(Permission.ASSESS_ITEM)` above a view function or class."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from accounts.roles import Permission, may_use


def allow(*permissions: Permission) -> Callable[[Any], Any]:
    """Refuse with 403 whoever has none of `permissions`; named none, everybody signed in may use the view.

    What a person may see of what the view shows is decided by `visible_to`, which the view starts from.
    The declaration can be read back from the view's `permissions`.
    """

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may_use(request.user, permissions):
                raise PermissionDenied("Your role does not include this page.")
            return view(request, *args, **kwargs)

        guarded.permissions = frozenset(permissions)  # type: ignore[attr-defined]
        return guarded

    def decorate(view: Any) -> Any:
        return method_decorator(guard, name="dispatch")(view) if isinstance(view, type) else guard(view)

    return decorate
