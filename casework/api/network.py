"""What joins items: the accounts that publish, and the selectors in titles, notes and exhibits. To read only."""

from django.db.models import Count

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from casework.filters import AccountFilter, SelectorFilter
from casework.models import Account, Selector
from casework.serializers import AccountSerializer, SelectorSerializer


class OwnerAccounts(Listed, Retrieved, Endpoint):
    """Whoever publishes on a platform; `seen` is the number of items."""

    queryset = Account.objects.annotate(seen=Count("items")).order_by("-pk")
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    related = ("platform",)
    needs = (P.SEE_CASEWORK,)


class Selectors(Listed, Retrieved, Endpoint):
    """Telephone numbers, handles, e-mail addresses, wallets and invitations; `seen` is the number of items."""

    queryset = Selector.objects.annotate(seen=Count("mentions__item", distinct=True)).order_by("-pk")
    serializer_class = SelectorSerializer
    filterset_class = SelectorFilter
    needs = (P.SEE_CASEWORK,)
