"""Keys to sign with, kept outside the database, so that whoever owns that has them not: of seals, and of item lists."""

import base64
import contextlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


class NoKey(Exception):
    """There is no key to sign with, and none may be made; the message says what to do."""


def private_key(*, may_make: bool, path: Path | None = None) -> Ed25519PrivateKey:
    """The key in `path` (default: SEAL_KEY_FILE); made, for its owner alone to read, where there is none and it may be.

    Its public half is noted beside it, in a file that also keeps those of earlier keys. Raises `NoKey`.
    """
    path = path or settings.SEAL_KEY_FILE
    if may_make and not path.exists():
        _make(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise NoKey(
            f"The key {path} is missing. Bring it back from your backup; if it is lost, run seal_history --new-key."
        ) from None
    except (OSError, ValueError) as error:
        raise NoKey(f"The key {path} cannot be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"The key {path} is not an Ed25519 key.")
    _note(public_half(key), path)
    return key


def public_half(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(content: bytes, key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.sign(content)).decode()


def is_signed(content: bytes, *, key: str, signature: str) -> bool:
    """Whether the public key `key` confirms it; what is no key or no signature confirms nothing."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def known_keys(path: Path | None = None) -> frozenset[str] | None:
    """The public keys that may have signed with the key in `path`; None if this machine has no list of them."""
    try:
        return frozenset(public_keys_file(path).read_text(encoding="ascii").split())
    except OSError:
        return None


def public_keys_file(path: Path | None = None) -> Path:
    path = path or settings.SEAL_KEY_FILE
    return path.with_name(path.name + ".pub")


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Written beside its place and linked there: two who make it at once end with the same whole key.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
    with contextlib.suppress(FileExistsError):
        os.link(part, path)
    part.unlink()


def _note(public: str, path: Path) -> None:
    if public not in (known_keys(path) or ()):
        with public_keys_file(path).open("a", encoding="ascii") as stream:
            stream.write(public + "\n")
