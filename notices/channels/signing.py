"""A letter signed by the desk, so that a platform can tell that nobody altered it: S/MIME, or else OpenPGP.

Either signature is detached (RFC 8551, RFC 3156): whoever cannot check it still reads the letter.
"""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from django.conf import settings
from pysequoia import SignatureMode, Tsk, sign
from pysequoia.packet import PacketPile

from notices.channels.assembly import headers
from notices.channels.outcomes import CannotSend

LINE = 64


@dataclass(frozen=True)
class Signature:
    """The last part of a signed message: its headers and lines, and what the whole says of it."""

    protocol: bytes
    micalg: bytes
    headers: tuple[bytes, ...]
    lines: list[bytes]


def is_wanted() -> bool:
    """Whether the settings name a certificate or an OpenPGP key."""
    return bool(settings.SMIME_CERTIFICATE_FILE or settings.OPENPGP_KEY_FILE)


def signed(message: bytes) -> bytes:
    """A message with CRLF line ends, in seven bits, as `multipart/signed`; raises `CannotSend` without a usable key."""
    head, _, body = message.partition(b"\r\n\r\n")
    outer, inner = headers(head)
    content = b"\r\n".join([*inner, b"", body.removesuffix(b"\r\n")])
    signature = _by_certificate(content) if settings.SMIME_CERTIFICATE_FILE else _by_openpgp(content)
    boundary = f"signed-{secrets.token_hex(16)}".encode()
    return b"\r\n".join(
        [
            *outer,
            b'Content-Type: multipart/signed; protocol="%b"; micalg="%b";'
            % (signature.protocol, signature.micalg),
            b' boundary="' + boundary + b'"',
            b"",
            b"--" + boundary,
            content,
            b"--" + boundary,
            *signature.headers,
            b"",
            *signature.lines,
            b"--" + boundary + b"--",
            b"",
        ]
    )


def _by_certificate(content: bytes) -> Signature:
    return Signature(
        b"application/pkcs7-signature",
        b"sha-256",
        (
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
        ),
        _lines(_pkcs7(content)),
    )


def _by_openpgp(content: bytes) -> Signature:
    try:
        key = Tsk.from_bytes(Path(settings.OPENPGP_KEY_FILE).read_bytes())
        signer = key.signer(settings.OPENPGP_KEY_PASSWORD or None)
        armoured = sign(signer, content, mode=SignatureMode.DETACHED)
        [packet] = PacketPile.from_bytes(armoured)
    except Exception as error:  # the library raises plain exceptions of several kinds
        raise CannotSend(f"The letter cannot be signed: {error}.") from error
    return Signature(
        b"application/pgp-signature",
        f"pgp-{str(packet.hash_algorithm).rpartition('.')[2].lower()}".encode("ascii"),
        (
            b'Content-Type: application/pgp-signature; name="signature.asc"',
            b'Content-Disposition: attachment; filename="signature.asc"',
        ),
        armoured.strip().splitlines(),
    )


def _pkcs7(content: bytes) -> bytes:
    try:
        pem = Path(settings.SMIME_CERTIFICATE_FILE).read_bytes()
        certificate, *chain = x509.load_pem_x509_certificates(pem)
        password = settings.SMIME_KEY_PASSWORD.encode() or None
        key = serialization.load_pem_private_key(Path(settings.SMIME_KEY_FILE).read_bytes(), password)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ValueError("the key is neither RSA nor of an elliptic curve")
        if key.public_key() != certificate.public_key():
            raise ValueError("the key is not the certificate's")
    except (OSError, TypeError, ValueError) as error:
        raise CannotSend(f"The letter cannot be signed: {error}.") from error
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    for each in chain:
        builder = builder.add_certificate(each)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.DER, options)


def _lines(signature: bytes) -> list[bytes]:
    text = base64.b64encode(signature)
    return [text[start : start + LINE] for start in range(0, len(text), LINE)]
