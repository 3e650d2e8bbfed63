"""Signing in, one's own password and tokens, and the administrator's list of people."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as django_views
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import people, tokens
from accounts.forms import PersonChangeForm, PersonForm, SignInForm, TokenForm
from accounts.guards import allow
from accounts.models import Token, User
from accounts.pages import METHODS, Crumbs, Listing, VerbPage, person
from accounts.roles import Permission


@method_decorator(login_not_required, name="dispatch")
class SignIn(django_views.LoginView):
    http_method_names = METHODS
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@allow()
class PasswordChange(django_views.PasswordChangeView):
    http_method_names = METHODS
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:password_changed")


@allow()
class PasswordChanged(django_views.PasswordChangeDoneView):
    template_name = "accounts/password_changed.html"


@allow()
class TokenList(Listing):
    """One's own tokens; an administrator sees everybody's."""

    model = Token
    related = ("user",)
    template_name = "accounts/token_list.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(now=timezone.now(), **more)


@allow()
@method_decorator(never_cache, name="dispatch")
class TokenIssue(VerbPage):
    """The answer to the form shows the secret, once."""

    form_class = TokenForm
    title = "Issue a token"
    button = "Issue the token"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": person(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        wanted, owner = form.cleaned_data, person(self.request)
        token, secret = tokens.issue(
            owner,
            name=wanted["name"],
            scopes=wanted["scopes"],
            by=owner,
            expires_at=timezone.now() + form.lifetime,
        )
        return render(self.request, "accounts/token_issued.html", {"token": token, "secret": secret})

    def back(self) -> str:
        return reverse("accounts:tokens")

    def crumbs(self) -> Crumbs:
        return [("Tokens", self.back())]


@allow()
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.visible_to(person(request)), pk=pk)
    tokens.revoke(token, by=person(request))
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("accounts:tokens")


@allow(Permission.MANAGE_PEOPLE)
class PeopleList(Listing):
    model = User
    template_name = "accounts/people.html"

    def visible(self) -> Any:
        usable = Q(tokens__revoked_at__isnull=True)
        return super().visible().annotate(token_count=Count("tokens", filter=usable)).order_by("name", "pk")


@allow(Permission.MANAGE_PEOPLE)
class PersonAdd(VerbPage):
    form_class = PersonForm
    title = "Add a person"
    button = "Add the person"

    def act(self, form: Any) -> str:
        added = people.add_person(**form.cleaned_data, by=person(self.request))
        return f"{added.name} can sign in now."

    def back(self) -> str:
        return reverse("accounts:people")

    def crumbs(self) -> Crumbs:
        return [("People", self.back())]


@allow(Permission.MANAGE_PEOPLE)
class PersonChange(PersonAdd):
    form_class = PersonChangeForm
    title = "Change a person"
    button = "Save"

    def get_subject(self) -> User:
        return get_object_or_404(User.objects.visible_to(person(self.request)), pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.subject, name) for name in ("name", "role", "is_active")}

    def act(self, form: Any) -> str:
        assert isinstance(self.subject, User)
        changed = people.change_person(self.subject, **form.cleaned_data, by=person(self.request))
        return f"{changed.name} is changed."
