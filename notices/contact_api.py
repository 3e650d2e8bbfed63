"""A platform's own contacts, and what is proposed about them."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved, found
from accounts.roles import Permission as P
from notices import contacts
from notices.inputs import ContactFields, Decision, NewContact
from notices.models import ContactChange
from platforms.models import Contact, Platform

SEERS = (P.SEE_CASEWORK, P.CARE_CONTACTS)
KEEPERS = (P.CARE_CONTACTS, P.CONFIRM_CONTACTS)


class KeptContactSerializer(serializers.ModelSerializer):
    platform = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    confirmed_by = serializers.StringRelatedField()

    class Meta:
        model = Contact
        fields = ("id", "platform", *contacts.FIELDS, "confirmed_at", "confirmed_by")
        read_only_fields = fields


class ContactChangeSerializer(serializers.ModelSerializer):
    """One change: `open` until one of us has decided."""

    platform = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    proposed_by = serializers.StringRelatedField()
    decided_by = serializers.StringRelatedField()

    class Meta:
        model = ContactChange
        fields = (
            "id", "platform", "contact", "state", "old", "new", "proposed_at", "proposed_by", "decided_at",
            "decided_by", "reason",
        )  # fmt: skip
        read_only_fields = fields


class Contacts(Listed, Retrieved, Endpoint):
    """Whom the desk reaches at a platform."""

    queryset = Contact.objects.order_by("-pk")
    serializer_class = KeptContactSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("platform", "confirmed_by")
    needs = SEERS
    needs_to: ClassVar = {"create": KEEPERS, "change": KEEPERS, "confirm": KEEPERS}

    @extend_schema(request=NewContact, responses={201: ContactChangeSerializer})
    def create(self, request: Request) -> Response:
        """Add one; a liaison's waits until one of us lets it hold."""
        given = self.given(NewContact)
        platform = found(Platform.objects.visible_to(request.user), slug=given.pop("platform"))
        made = contacts.change(platform, None, given, by=request.user)
        return self.shown(made, ContactChangeSerializer, code=status.HTTP_201_CREATED)

    @extend_schema(request=ContactFields, responses={201: ContactChangeSerializer})
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: int) -> Response:
        """Change one; a liaison's change of whom we reach waits until one of us lets it hold."""
        contact = self.get_object()
        made = contacts.change(contact.platform, contact, self.given(ContactFields), by=request.user)
        return self.shown(made, ContactChangeSerializer, code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=KeptContactSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """Say that it is still right."""
        return self.shown(contacts.confirm(self.get_object(), by=request.user))


class ContactChanges(Listed, Retrieved, Endpoint):
    """What was changed, and what waits."""

    queryset = ContactChange.objects.order_by("-pk")
    serializer_class = ContactChangeSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("platform", "proposed_by", "decided_by")
    needs = SEERS
    needs_to: ClassVar = {"decide": (P.CONFIRM_CONTACTS,)}

    @extend_schema(request=Decision, responses=ContactChangeSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """Let it hold, or refuse it with a reason."""
        return self.shown(contacts.decide(self.get_object(), **self.given(Decision), by=request.user))
