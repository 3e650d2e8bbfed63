"""Checks exhibits that were handed over. Needs Python 3.11 or newer and nothing else.

    python verify.py                      in the folder where the archive was unpacked
    python verify.py ARCHIVE.zip          without unpacking
    python verify.py --key KEY …          also: that this key signed (ask the office for it, on another way)

Prints what is wrong, line by line, and ends with 1; with 0 if all is as it was handed over; with 2 if asked wrongly.
"""

import base64
import binascii
import hashlib
import json
import sys
import zipfile
from pathlib import Path

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
PLAIN = {MANIFEST, SIGNATURE, "verify.py", "README.txt"}

# -- Ed25519, RFC 8032, 5.1: y is enough of a point, x follows -----------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def is_signed(content: bytes, key: str, signature: str) -> bool:
    """Whether the public key confirms the content; both in Base64."""
    try:
        public, signed = base64.b64decode(key, validate=True), base64.b64decode(signature, validate=True)
    except (ValueError, TypeError, binascii.Error):
        return False
    if len(public) != 32 or len(signed) != 64:
        return False
    a, r, s = point(public), point(signed[:32]), int.from_bytes(signed[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signed[:32] + public + content).digest(), "little") % L
    return same(times(s, BASE), add(r, times(h, a)))


def point(packed: bytes) -> tuple[int, int, int, int] | None:
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(squared, (P + 3) // 8, P)
    if (x * x - squared) % P:
        x = x * ROOT % P
    if (x * x - squared) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, p: tuple[int, ...]) -> tuple[int, ...]:
    total: tuple[int, ...] = (0, 1, 1, 0)
    while number:
        total = add(total, p) if number & 1 else total
        p, number = add(p, p), number >> 1
    return total


def same(p: tuple[int, ...], q: tuple[int, ...]) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


# -- The archive ---------------------------------------------------------------------------------------------------
class Folder:
    """The files of an unpacked archive."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def names(self) -> list[str]:
        return sorted(
            path.relative_to(self.place).as_posix() for path in self.place.rglob("*") if path.is_file()
        )

    def read(self, name: str) -> bytes:
        return (self.place / name).read_bytes()


class Packed:
    """The files of an archive as it came; nothing is unpacked."""

    def __init__(self, place: Path) -> None:
        self.archive = zipfile.ZipFile(place)

    def names(self) -> list[str]:
        """All of them, one that is there twice twice: who unpacks it might be shown the other."""
        return sorted(self.archive.namelist())

    def read(self, name: str) -> bytes:
        return self.archive.read(name)


def canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def check(files: "Folder | Packed", key: str = "") -> list[str]:
    """What is wrong, in sentences; nothing if all is well."""
    names = files.names()
    problems = [f"{name}: it is missing" for name in sorted(PLAIN - set(names))]
    if problems:
        return problems
    try:
        content = files.read(MANIFEST)
        manifest, signed = json.loads(content), json.loads(files.read(SIGNATURE))
        if not is_signed(content, signed["key"], signed["signature"]):
            return [f"{MANIFEST}: it has been altered, or was not signed with the key in {SIGNATURE}"]
        if key and signed["key"] != key:
            problems.append(f"{SIGNATURE}: another key than yours signed: {signed['key']}")
        return problems + list(_files(files, names, manifest)) + list(_history(manifest))
    except Exception as error:  # whatever an altered file makes of us is a finding
        return [*problems, f"the archive cannot be read: {type(error).__name__}: {error}"]


def _files(files: "Folder | Packed", names: list[str], manifest: dict) -> "list[str]":
    problems = []
    known = {each["file"]: each for each in manifest["files"]}
    for name in sorted(set(names) - set(known) - {MANIFEST, SIGNATURE}):
        problems.append(f"{name}: the manifest does not know it")
    problems += [f"{name}: it is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    for name, told in sorted(known.items()):
        if name not in names:
            problems.append(f"{name}: it is missing")
            continue
        content = files.read(name)
        if (len(content), hashlib.sha256(content).hexdigest()) != (told["size"], told["sha256"]):
            problems.append(f"{name}: it has been altered")
        elif told.get("stamps") and bytes.fromhex(told["stamps"]) not in content:
            problems.append(f"{name}: this timestamp is of another file")
    return problems


def _history(manifest: dict) -> "list[str]":
    problems = []
    marks = {}
    for seal in manifest["seals"]:
        body, packed = dict(seal), base64.b64decode(seal["marks"])
        del body["signature"], body["marks"]
        body["marks_sha256"] = hashlib.sha256(packed).hexdigest()
        if not is_signed(canonical(body), seal["key"], seal["signature"]):
            problems.append(f"seal {seal['number']}: it has been altered, or its signature is wrong")
        for start in range(0, len(packed), 16):
            row = int.from_bytes(packed[start : start + 8], "big", signed=True)
            marks[seal["number"], row] = packed[start + 8 : start + 16]
    for entry in manifest["history"]:
        mark = marks.get((entry["seal"], entry["id"]))
        if entry["seal"] is not None and mark != hashlib.sha256(entry["row"].encode()).digest()[:8]:
            problems.append(f"history entry {entry['id']}: it is not what was sealed")
    return problems


def main(arguments: list[str]) -> int:
    places, key = list(arguments), ""
    if "--key" in places[:-1]:
        position = places.index("--key")
        key = places[position + 1]
        del places[position : position + 2]
    if len(places) > 1 or any(each.startswith("--") for each in places):
        print(__doc__)
        return 2
    place = Path(places[0]) if places else Path(__file__).parent
    try:
        problems = check(Folder(place) if place.is_dir() else Packed(place), key)
    except (OSError, zipfile.BadZipFile) as error:
        problems = [f"the archive cannot be read: {error}"]
    for problem in problems:
        print(problem)
    print("NOT as it was handed over." if problems else "All is as it was handed over.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
