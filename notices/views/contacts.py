"""A platform's own contacts: its liaisons keep them, and one of us lets hold what could lead us astray."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import Crumbs, VerbPage, person
from accounts.roles import Permission
from notices import contacts
from notices.forms import ContactForm, DecisionForm
from notices.models import ChangeState, ContactChange
from platforms.models import Contact, Platform

KEEPERS = (Permission.CARE_CONTACTS, Permission.CONFIRM_CONTACTS)
LATEST = 20


def _platforms(request: HttpRequest) -> QuerySet[Platform]:
    return Platform.objects.visible_to(person(request))


@allow(Permission.CARE_CONTACTS, Permission.SEE_CASEWORK)
@require_safe
def contact_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Who can be reached, what waits to be decided, and what was changed."""
    user, platform = person(request), get_object_or_404(_platforms(request), slug=slug)
    changes = ContactChange.objects.visible_to(user).filter(platform=platform)
    people = changes.select_related("proposed_by", "decided_by")
    shown = {
        "platform": platform,
        "contacts": platform.contacts.filter(is_current=True).select_related("confirmed_by"),
        "stale": set(contacts.to_confirm(user, timezone.now()).filter(platform=platform).values_list("pk", flat=True)),
        "waiting": people.filter(state=ChangeState.OPEN),
        "decided": people.exclude(state=ChangeState.OPEN)[:LATEST],
        "may_keep": any(user.can(each) for each in KEEPERS),
        "may_decide": user.can(Permission.CONFIRM_CONTACTS),
        "crumbs": [
            ("Platforms", reverse("platforms:platform_list")),
            (platform.name, reverse("platforms:platform_detail", args=[slug])),
        ],
    }  # fmt: skip
    return render(request, "notices/contact_list.html", shown)


class OfContacts(VerbPage):
    """A verb page that leads back to the platform's contacts."""

    @property
    def platform(self) -> Platform:
        return cast(Any, self.subject).platform if not isinstance(self.subject, Platform) else self.subject

    def back(self) -> str:
        return reverse("notices:contact_list", args=[self.platform.slug])

    def crumbs(self) -> Crumbs:
        return [
            ("Platforms", reverse("platforms:platform_list")),
            (f"Contacts of {self.platform}", self.back()),
        ]


@allow(*KEEPERS)
class ContactAdd(OfContacts):
    form_class = ContactForm
    template_name = "notices/contact_form.html"
    title = "Add a contact"
    button = "Add the contact"

    def get_subject(self) -> Any:
        return get_object_or_404(_platforms(self.request), slug=self.kwargs["slug"])

    def contact(self) -> Contact | None:
        return None

    def act(self, form: Any) -> str:
        made = contacts.change(self.platform, self.contact(), form.cleaned_data, by=person(self.request))
        if made.state == ChangeState.OPEN:
            return (
                "Your change is noted. The desk looks at it before it holds, because it says whom we reach."
            )
        return "The contact is saved."


@allow(*KEEPERS)
class ContactEdit(ContactAdd):
    title = "Change a contact"
    button = "Save the contact"

    def get_subject(self) -> Any:
        rows = Contact.objects.visible_to(person(self.request)).select_related("platform")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def contact(self) -> Contact | None:
        return cast(Contact, self.subject)

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.subject, name) for name in contacts.FIELDS}


@allow(*KEEPERS)
@require_POST
def contact_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """It is still right."""
    rows = Contact.objects.visible_to(person(request)).select_related("platform")
    contact = contacts.confirm(get_object_or_404(rows, pk=pk), by=person(request))
    messages.success(request, f"“{contact.desk}” is confirmed.")
    return redirect("notices:contact_list", slug=contact.platform.slug)


@allow(Permission.CONFIRM_CONTACTS)
class ChangeDecide(OfContacts):
    """Whether a change that a liaison proposed holds."""

    form_class = DecisionForm
    template_name = "notices/contact_decide.html"
    title = "Proposed change"
    button = "Record the decision"

    def get_subject(self) -> Any:
        rows = ContactChange.objects.visible_to(person(self.request)).select_related(
            "platform", "proposed_by"
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def act(self, form: Any) -> str:
        accept = form.cleaned_data["decision"] == "accept"
        change = cast(ContactChange, self.subject)
        contacts.decide(change, accept=accept, reason=form.cleaned_data["reason"], by=person(self.request))
        return "The change holds now." if accept else "The change is refused."

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        change = cast(ContactChange, self.subject)
        rows = [
            (_label(name), _said(change.old.get(name, "")), _said(change.new.get(name, "")))
            for name in contacts.FIELDS
            if change.old.get(name, "") != change.new.get(name, "")
        ]
        return super().get_context_data(rows=rows, **more)


def _label(name: str) -> str:
    """What the form calls a field."""
    return str(ContactForm.base_fields[name].label or name)


def _said(value: object) -> str:
    return ("Yes" if value else "No") if isinstance(value, bool) else str(value)
