"""A message as the bytes that leave. Django writes headers and text; the files beside them are put in as they are.

The standard library's writer takes files apart line by line and folds their headers, which costs more than all else
that is done for a letter.
"""

import base64
import copy
import secrets
from typing import Any

from django.core.mail import EmailMessage

OF_CONTENT = b"content-"  # headers that belong to the content; the others to the whole message


def assembled(message: EmailMessage) -> bytes:
    """The message with CRLF line ends. Files, with ASCII names, are in base64, so that exactly their bytes arrive."""
    text = copy.copy(message)
    text.attachments = []
    written: bytes = text.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg] # Django's own, which mends line ends
    if not message.attachments:
        return written
    head, _, body = written.partition(b"\r\n\r\n")
    outer, inner = headers(head)
    boundary = f"files-{secrets.token_hex(16)}".encode()
    parts = [b"\r\n".join([*inner, b"", body]), *map(_part, message.attachments)]
    begin = b"--" + boundary + b"\r\n"
    return b"\r\n".join(
        [
            *outer,
            b'Content-Type: multipart/mixed; boundary="' + boundary + b'"',
            b"",
            *(begin + part for part in parts),
            b"--" + boundary + b"--\r\n",
        ]
    )


def headers(head: bytes) -> tuple[list[bytes], list[bytes]]:
    """Those of the message, and those of its content; lines that go on belong to the one before."""
    outer: list[bytes] = []
    inner: list[bytes] = []
    kept = outer
    for line in head.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            kept = inner if line.lower().startswith(OF_CONTENT) else outer
        kept.append(line)
    return outer, inner


def _part(file: Any) -> bytes:
    """Of what `attach` was given: a name, a content, and a type."""
    name, content, kind = file
    if isinstance(content, str):  # Django has decoded it
        content = content.encode()
    charset = '; charset="utf-8"' if kind.startswith("text/") else ""
    said = (
        f"Content-Type: {kind}{charset}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return said.encode("ascii") + base64.encodebytes(content).replace(b"\n", b"\r\n").rstrip(b"\r\n")
