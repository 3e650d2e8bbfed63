"""Certificates for the pretend hosts, from an authority that only the pretend world trusts."""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
FAULTS = ("expired", "stranger", "misnamed")


class Authority:
    """Signs certificates; `folder` keeps what servers and clients load from files."""

    def __init__(self, folder: Path, lasts: timedelta = _DAY) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Pretend authority")
        signed = _certificate(self.name, self.name, self.key, self.key, lasts=lasts)
        signed = signed.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / f"authority-{id(self)}.pem"
        self.file.write_bytes(signed.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, hosts: Iterable[str], *, lasts: timedelta = _DAY) -> ssl.SSLContext:
        """Return a server's side of TLS for these hosts; `lasts` below zero: expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        unsigned = _certificate(_name("pretend"), self.name, key, self.key, lasts=lasts)
        certificate = unsigned.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        file = self.folder / f"server-{certificate.serial_number}.pem"
        file.touch(mode=0o600)
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * _DAY)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )


def contexts(folder: Path, hosts: Iterable[str], lasts: timedelta = _DAY) -> tuple[ssl.SSLContext, str]:
    """Return the server's TLS, which picks the certificate by the name asked for, and the file of its authority.

    Hosts that begin with a fault of `FAULTS` show a certificate with that fault.
    """
    authority, hosts = Authority(folder, lasts), sorted(hosts)
    good = authority.context(hosts, lasts=lasts)
    faulty = {
        "expired": authority.context(hosts, lasts=-_DAY),
        "stranger": Authority(folder).context(hosts),
        "misnamed": authority.context(["somebody-else.example"]),
    }

    def by_name(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = faulty.get((name or "").partition(".")[0], good)

    good.sni_callback = by_name
    return good, str(authority.file)
