"""The pages about where a short link leads."""

from typing import Any, cast

from django.shortcuts import get_object_or_404

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import aliases
from casework.forms import AliasForm, ReasonForm
from casework.models import Alias, Item
from casework.views.edges import ItemForm, ItemPage


@allow(Permission.CHECK_ITEM)
class RecordAlias(ItemForm):
    form_class = AliasForm
    title = "Record where it leads"
    button = "Save"
    done = "Saved. Items of that address are shown beside this one; nothing is merged."

    def act(self, form: Any) -> None:
        aliases.record_alias(self.item, **form.cleaned_data, by=person(self.request))


@allow(Permission.CHECK_ITEM)
class WithdrawAlias(ItemPage):
    form_class = ReasonForm
    title = "Withdraw where it leads"
    button = "Withdraw"
    warning = True
    done = "Withdrawn. It stays in the history."

    def get_subject(self) -> Item:
        rows = Alias.objects.visible_to(person(self.request)).select_related("item__case", "item__platform")
        self.alias = cast(Alias, get_object_or_404(rows, pk=self.kwargs["pk"]))
        return self.alias.item

    def act(self, form: Any) -> None:
        aliases.withdraw_alias(self.alias, reason=form.cleaned_data["reason"], by=person(self.request))
