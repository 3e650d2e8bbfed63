"""The checkers' protocol (lease, extend, hand back, post findings), and what administrators decide about them."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Needs, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from casework import checkers, leasing, visits
from casework.captures import Clock
from casework.checking_inputs import FindingsSent, LeasesNamed, LeaseWanted, NewChecker, NewVisitDecision
from casework.checking_serializers import (
    CheckerSerializer,
    ExtendedSerializer,
    HandedBackSerializer,
    IssuedCheckerSerializer,
    LeasedSerializer,
    LegalNoteSerializer,
    TakenSerializer,
    VisitDecisionSerializer,
    told,
)
from casework.findings import Found, record_findings
from casework.models import Checker, CheckJob, VisitDecision


class CheckJobs(Endpoint):
    """Looks to be made. Only for checkers, whose tokens are good for nothing else."""

    queryset = CheckJob.objects.order_by("-pk")
    needs = (P.CHECKER,)

    @extend_schema(request=LeaseWanted, responses=LeasedSerializer)
    @action(detail=False, methods=["post"])
    def lease(self, request: Request) -> Response:
        """Take jobs of the checker's own vantage; what is not posted or extended in time goes to another."""
        checker, sent, _ = self.signed(LeaseWanted)
        leased = leasing.lease(checker, most=sent["limit"])
        answer = {
            "lease_seconds": settings.CHECK_LEASE.total_seconds(),
            "come_again_in": leased.come_again_in,
            **told(leased.jobs),
        }
        return Response(LeasedSerializer({"lease_seconds": lease_seconds(), **answer}).data)

    @extend_schema(request=LeasesNamed, responses=ExtendedSerializer)
    @action(detail=False, methods=["post"])
    def extend(self, request: Request) -> Response:
        """Keep jobs for longer."""
        checker, sent, _ = self.signed(LeasesNamed)
        kept = leasing.extend(checker, leases(sent))
        return Response(ExtendedSerializer({"lease_seconds": lease_seconds(), "kept": kept}).data)

    @extend_schema(request=LeasesNamed, responses=HandedBackSerializer)
    @action(detail=False, methods=["post"])
    def hand_back(self, request: Request) -> Response:
        """Let go of jobs that were not visited."""
        checker, sent, _ = self.signed(LeasesNamed)
        return Response({"handed_back": leasing.hand_back(checker, leases(sent))})

    @extend_schema(request=FindingsSent, responses=TakenSerializer)
    @action(detail=False, methods=["post"])
    def findings(self, request: Request) -> Response:
        """Post findings; sent again, none counts twice. What is refused can be dropped, the rest is kept."""
        checker, sent, skew = self.signed(FindingsSent)
        clock = Clock(sent["clock_source"], sent["clock_error_ms"], round(-skew * 1000))
        found = [Found(**each) for each in sent["findings"]]
        return Response(TakenSerializer(record_findings(checker, found, skew=skew, clock=clock)).data)

    def signed(self, form: Any) -> tuple[Checker, dict[str, Any], float]:
        """Who asks, what was sent, and how far the checker's clock is ahead."""
        checker, sent = checkers.checker_of(self.request.user), self.given(form)
        skew = checkers.heard(
            checker, version=sent.pop("version"), clock=sent.pop("clock"), at=timezone.now()
        )
        return checker, sent, skew


def leases(sent: dict[str, Any]) -> list[leasing.Lease]:
    return [leasing.Lease(**each) for each in sent["leases"]]


def lease_seconds() -> float:
    seconds: float = settings.CHECK_LEASE.total_seconds()
    return seconds


class Checkers(Listed, Retrieved, Endpoint):
    """The programs that look, each from one vantage."""

    queryset = Checker.objects.order_by("-pk")
    serializer_class = CheckerSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    unkept: ClassVar = ("secret",)
    needs = (P.SEE_CASEWORK, P.MANAGE_PLATFORMS)
    needs_to: ClassVar[dict[str, Needs]] = {
        name: (P.MANAGE_PLATFORMS,) for name in ("create", "stop", "renew_token")
    }

    @extend_schema(request=NewChecker, responses={201: IssuedCheckerSerializer})
    def create(self, request: Request) -> Response:
        """Add a checker. A repetition of the request does not show the secret of its token again."""
        checker, secret = checkers.add_checker(**self.given(NewChecker), by=request.user)
        return self.issued(checker, secret, status.HTTP_201_CREATED)

    @extend_schema(request=Nothing, responses=IssuedCheckerSerializer)
    @action(detail=True, methods=["post"])
    def renew_token(self, request: Request, pk: int) -> Response:
        """End its tokens and issue another."""
        self.given(Nothing)
        checker = self.get_object()
        return self.issued(checker, checkers.new_token(checker, by=request.user), status.HTTP_200_OK)

    @extend_schema(request=Nothing, responses=CheckerSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """Take it out of use; its tokens end."""
        self.given(Nothing)
        checker = self.get_object()
        checkers.stop(checker, by=request.user)
        return self.shown(checker)

    def issued(self, checker: Checker, secret: str, code: int) -> Response:
        checker.secret = secret  # type: ignore[attr-defined]
        return self.shown(checker, IssuedCheckerSerializer, code)


class VisitDecisions(Listed, Endpoint):
    """Which platforms may be visited from which vantage, newest decision first; the latest of each pair counts."""

    queryset = VisitDecision.objects.order_by("-pk")
    serializer_class = VisitDecisionSerializer
    related = ("platform",)
    needs = (P.SEE_CASEWORK, P.MANAGE_PLATFORMS)
    needs_to: ClassVar[dict[str, Needs]] = {"create": (P.MANAGE_PLATFORMS,)}

    @extend_schema(request=NewVisitDecision, responses={201: VisitDecisionSerializer})
    def create(self, request: Request) -> Response:
        """Turn visits on, having read the legal note, or off."""
        row = visits.decide(**self.given(NewVisitDecision), by=request.user)
        return self.shown(row, code=status.HTTP_201_CREATED)

    @extend_schema(responses=LegalNoteSerializer, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def legal_note(self, request: Request) -> Response:
        """What is to be read before visits are turned on."""
        return Response({"note": visits.LEGAL_NOTE, "note_sha256": visits.NOTE_SHA256})
