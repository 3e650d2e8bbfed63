"""The archive around a spreadsheet, mistrusted: its size, its names, its locks."""

import os
import zipfile
from typing import IO

MOST_UNPACKED = 1024**3
MOST_RATIO = 200
SMALL = 10**7  # bytes: below this nothing is called a bomb
MOST_MEMBERS = 2_000
MANIFEST = "META-INF/manifest.xml"
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"


class Refused(Exception):
    """The file cannot be trusted or read; `code` is for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def opened(file: IO[bytes], form: str) -> zipfile.ZipFile:
    """The archive, if it is a spreadsheet of that form and unpacks to no more than its size can answer for."""
    if file.read(len(OLD_OR_LOCKED)) == OLD_OR_LOCKED:
        message = "The workbook has a password or is of the old XLS kind; save it as XLSX without a password."
        raise Refused("encrypted", message)
    archive = zipfile.ZipFile(file)
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    size = file.seek(0, os.SEEK_END)
    if len(members) > MOST_MEMBERS or unpacked > min(MOST_UNPACKED, MOST_RATIO * size + SMALL):
        raise Refused("zip_bomb", "The file unpacks to far more than a spreadsheet would.")
    names = {member.filename for member in members}
    if len(names) < len(members) or any(map(_leads_out, names)):
        message = (
            "The file's parts have names that lead out of it or stand twice; save it anew from a spreadsheet."
        )
        raise Refused("unsafe_archive", message)
    _expect(form, names)
    if any(member.flag_bits & 1 for member in members) or _locked(archive, names):
        raise Refused("encrypted", "The file has a password; save it without one.")
    return archive


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.replace("\\", "/").split("/")


def _expect(form: str, names: set[str]) -> None:
    found = "xlsx" if "[Content_Types].xml" in names else "ods" if "content.xml" in names else form
    if found != form:
        message = f"This is an {found.upper()} file, not {form.upper()}; give it its right name."
        raise Refused("wrong_extension", message)


def _locked(archive: zipfile.ZipFile, names: set[str]) -> bool:
    """Whether an ODS file says that its parts are encrypted."""
    if MANIFEST not in names:
        return False
    with archive.open(MANIFEST) as stream:
        return b"encryption-data" in stream.read(64 * 1024)
