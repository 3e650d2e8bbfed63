"""Asking a timestamp authority (RFC 3161) to confirm that an exhibit was there: nothing but its SHA-256 leaves."""

import logging
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from django.db import transaction
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from casework import store
from casework.models import Evidence, Timestamp

LARGEST = 200_000  # bytes of an answer
AT_ONCE = 50
_ASKS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}

logger = logging.getLogger(__name__)


class NotStamped(Exception):
    """There is no timestamp that we believe; the message says why."""


def sweep() -> int:
    """Ask for the exhibits that have none, oldest first; returns how many got one. The first failure ends it.

    Without TIMESTAMP_URL nobody is asked. What was not confirmed is asked for again by the next sweep.
    """
    if not settings.TIMESTAMP_URL:
        return 0
    stamped = Timestamp.objects.values("sha256")
    waiting = Evidence.objects.exclude(sha256__in=stamped).order_by("pk").values_list("sha256", flat=True)
    done = 0
    for sha256 in dict.fromkeys(waiting[:AT_ONCE]):
        if not store.verify(sha256):
            continue  # `verify_history` names it
        try:
            stamp(sha256)
        except NotStamped as problem:
            logger.warning("Exhibits wait for their timestamps: %s", problem)
            break
        done += 1
    return done


def stamp(sha256: str) -> Timestamp:
    """Get and keep the timestamp of a file in the store; raises `NotStamped`, and keeps nothing unverified."""
    request = TimestampRequestBuilder().data(store.get(sha256)).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _ask(request.as_bytes())
    try:
        response = decode_timestamp_response(answer)
        builder = VerifierBuilder.from_request(request)
        for root in _roots():
            builder = builder.add_root_certificate(root)
        builder.build().verify(response, bytes.fromhex(sha256))
    except (ValueError, VerificationError) as error:
        raise NotStamped(f"the answer is not to be believed: {error}") from error
    with transaction.atomic():
        kept, _ = Timestamp.objects.get_or_create(
            sha256=sha256,
            defaults={
                "token": answer,
                "stamped_at": response.tst_info.gen_time,
                "authority": _authority(response),
            },
        )
    return kept


def _ask(request: bytes) -> bytes:
    if not settings.TIMESTAMP_URL.startswith(("https://", "http://")):
        raise NotStamped("TIMESTAMP_URL must begin with https:// or http://.")
    asked = Request(settings.TIMESTAMP_URL, request, _ASKS)  # noqa: S310 - just checked
    try:
        with urlopen(asked, timeout=settings.TIMESTAMP_TIMEOUT) as answer:  # noqa: S310
            content: bytes = answer.read(LARGEST + 1)
    except (URLError, HTTPException, OSError) as error:
        raise NotStamped(f"the authority could not be reached: {error}") from error
    if len(content) > LARGEST:
        raise NotStamped("the authority answers with more than a timestamp.")
    return content


def _roots() -> list[x509.Certificate]:
    try:
        with open(settings.TIMESTAMP_ROOTS_FILE, "rb") as file:
            return x509.load_pem_x509_certificates(file.read())
    except (OSError, ValueError) as error:
        raise NotStamped(f"TIMESTAMP_ROOTS_FILE cannot be read: {error}") from error


def _authority(response: TimeStampResponse) -> str:
    certificates = [x509.load_der_x509_certificate(each) for each in response.signed_data.certificates]
    signers = [each for each in certificates if _is_for_timestamps(each)]
    return signers[0].subject.rfc4514_string()[:300] if signers else settings.TIMESTAMP_URL[:300]


def _is_for_timestamps(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage
