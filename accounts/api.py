"""Oneself and one's tokens."""

from datetime import timedelta
from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.models import Token, User
from accounts.serializers import IssuedTokenSerializer, MeSerializer, NewToken, Nothing, TokenSerializer


class Me(Endpoint):
    """The person signed in."""

    queryset = User.objects.get_queryset()
    serializer_class = MeSerializer

    @extend_schema(operation_id="me")
    def show(self, request: Request) -> Response:
        """Who the sign-in or token belongs to, and what it lets them do."""
        return self.shown(request.user)


class Tokens(Listed, Retrieved, Endpoint):
    """One's own tokens; an administrator sees everybody's."""

    queryset = Token.objects.order_by("-pk")
    serializer_class = TokenSerializer
    related = ("user",)
    lookup_field = "pk"
    lookup_value_converter = "int"
    unkept: ClassVar = ("secret",)

    @extend_schema(request=NewToken, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        """Issue a token to oneself. A repetition of the request does not show the secret again."""
        wanted, user = self.given(NewToken), request.user
        expires_at = timezone.now() + timedelta(days=wanted["days"])
        token, secret = tokens.issue(
            user, name=wanted["name"], scopes=wanted["scopes"], by=user, expires_at=expires_at
        )
        token.secret = secret  # type: ignore[attr-defined]
        return self.shown(token, IssuedTokenSerializer, status.HTTP_201_CREATED)

    @extend_schema(request=Nothing, responses=TokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """End the token at once."""
        self.given(Nothing)
        token = self.get_object()
        tokens.revoke(token, by=request.user)
        token.refresh_from_db()
        return self.shown(token)
