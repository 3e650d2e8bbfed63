"""Figures taken away as CSV, ODS and XLSX: of a scope, and of an edition."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.roles import Permission
from platforms.models import Platform
from reports import figure_files
from reports.api.figures import attached
from reports.forms import ScopeForm
from reports.views.editions import frozen_edition
from reports.views.rates import span, valid


@allow(Permission.EXPORT_FIGURES)
@require_safe
def scope_file(request: HttpRequest, form: str) -> HttpResponse:
    """The figures of the address's scope, by platform."""
    asked = valid(request, ScopeForm)
    scope = asked.scope()
    return attached(
        figure_files.of_scope(scope, asked.names["platform"]), form, f"takedown-rate-{span(scope)}"
    )


@allow(Permission.EXPORT_FIGURES)
@require_safe
def edition_file(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    """An edition's figures as they were frozen."""
    edition = frozen_edition(request, reference)
    return attached(figure_files.of_edition(edition, platform_names()), form, str(edition))


def platform_names() -> dict[str, str]:
    """The platforms' names by slug."""
    return dict(Platform.objects.values_list("slug", "name"))
