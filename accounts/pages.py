"""The two kinds of page there are: a list that can be narrowed, and a form that ends in one verb."""

from http import HTTPStatus
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.generic import FormView, ListView
from django_filters import FilterSet

from accounts.models import User

Crumbs = list[tuple[str, str]]
METHODS = ["get", "head", "post", "options"]  # Django's form views would take PUT as well


def person(request: HttpRequest) -> User:
    """Who is signed in; `LoginRequiredMiddleware` has seen to it that somebody is."""
    return cast(User, request.user)


class Listing(ListView):
    """A list of what the person may see, narrowed by a filter set, page by page."""

    paginate_by = 50
    filterset_class: ClassVar[type[FilterSet] | None] = None
    related: ClassVar[tuple[str, ...]] = ()

    def visible(self) -> QuerySet:
        """All rows that the person may see."""
        assert self.model is not None
        return self.model._default_manager.visible_to(person(self.request)).select_related(*self.related)  # type: ignore[attr-defined]

    def get_queryset(self) -> QuerySet:
        self.filterset = None
        if self.filterset_class is None:
            return self.visible()
        self.filterset = self.filterset_class(self.request.GET, queryset=self.visible(), request=self.request)
        return self.filterset.qs if self.filterset.is_valid() else self.filterset.queryset.none()

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        queue = self.request.GET.get("queue", "")
        clear = f"{self.request.path}?{urlencode({'queue': queue})}" if queue else self.request.path
        return super().get_context_data(
            filter=self.filterset, active=self.active_filters(), clear_url=clear, **more
        )

    def active_filters(self) -> int:
        """How many filters are set; the queue is a place and the sort an order, neither a filter."""
        if self.filterset is None:
            return 0
        return sum(
            bool(self.request.GET.get(name))
            for name in self.filterset.filters
            if name not in {"queue", "sort"}
        )


class VerbPage(FormView):
    """A page with one form; a valid one is handed to one verb, whose refusals become the form's errors."""

    http_method_names = METHODS
    template_name = "accounts/verb_page.html"
    title: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    done: ClassVar[str] = "Saved."
    warning: ClassVar[bool] = False
    subject: Model | None = None

    def get_subject(self) -> Model | None:
        """What the verb is about, found by `visible_to` or 404."""
        return None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = request.user

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.subject = self.get_subject()
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def act(self, form: Any) -> str | None:
        """Call the verb; return what to tell the person, if not `done`."""
        raise NotImplementedError

    def back(self) -> str:
        """Where the person goes afterwards, and by the cancel link."""
        raise NotImplementedError

    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            told = self.act(form)
        except ValidationError as error:
            blame(form, error)
            return self.form_invalid(form)
        messages.success(self.request, told or self.done)
        return HttpResponseRedirect(self.back())

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        shown = {
            "title": self.title,
            "button": self.button,
            "warning": self.warning,
            "cancel_url": self.back(),
        }
        return super().get_context_data(**{"subject": self.subject, "crumbs": self.crumbs(), **shown, **more})

    def crumbs(self) -> Crumbs:
        return []


def blame(form: BaseForm, error: ValidationError) -> None:
    """Put a verb's refusal beside the fields it names; what the form does not hold goes on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)
