"""Copy the chosen files of the design system into static/vendor, and record where they come from.

For whoever moves to a new version: change PACKAGES, run `python scripts/vendor_assets.py`, look at the pages,
commit. Needs npm. Nobody else runs it: the files are committed, and no page loads anything from elsewhere.
"""

import base64
import fnmatch
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
# Per package: which of its files, and the folder that each goes to.
PACKAGES = {
    "govuk-frontend@6.6.0": {
        "dist/govuk/govuk-frontend.min.css": "govuk",
        "dist/govuk/govuk-frontend.min.js": "govuk",
    },
    "@ministryofjustice/frontend@11.1.0": {
        "moj/moj-frontend.min.css": "moj",
        "moj/assets/images/icon-[cdptw]*.svg": "moj/images",
    },
    "@fontsource/public-sans@5.3.0": {
        "LICENSE": "fonts",
        "files/public-sans-latin-[47]00-normal.woff2": "fonts",
        "files/public-sans-latin-ext-[47]00-normal.woff2": "fonts",
        "files/public-sans-vietnamese-[47]00-normal.woff2": "fonts",
    },
    "@fontsource/ibm-plex-sans-arabic@5.3.0": {
        "LICENSE": "fonts/plex",
        "files/ibm-plex-sans-arabic-arabic-[47]00-normal.woff2": "fonts",
    },
}
# GDS Transport, the crown and the crest may be used on GOV.UK alone.
CHANGES_TO_CSS = (
    (re.compile(r"@font-face\{font-family:GDS Transport[^}]*\}"), ""),
    (re.compile(r"GDS Transport,"), '"Public Sans",'),
    (
        re.compile(
            r"@supports \(\(-webkit-mask-position:initial\)[^{]*\{[^{}]*\{[^{}]*govuk-crest[^{}]*\}\}"
        ),
        "",
    ),
    (re.compile(r"\.govuk-footer__copyright-logo:before\{[^}]*govuk-crest[^}]*\}"), ""),
    (re.compile(r"url\(/assets/images/"), "url(images/"),
    (re.compile(r"/\*# sourceMappingURL[^*]*\*/"), ""),
)
LEFT_BEHIND = re.compile(r"GDS Transport|govuk-crest|url\(/|sourceMappingURL")


@dataclass
class Package:
    """What VENDOR.json says: the integrity of the tarball, and the SHA-256 of each file kept of it."""

    name: str
    version: str
    licence: str
    integrity: str
    files: dict[str, str] = field(default_factory=dict)


def fetch(spec: str) -> bytes:
    """Return the package's tarball, from whichever registry npm is set up with."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, spec], check=True)
        return next(Path(folder).glob("*.tgz")).read_bytes()


def clean(name: str, content: bytes) -> bytes:
    """Take out what may not be used here, and references to files that are not copied."""
    if not name.endswith((".css", ".js")):
        return content
    text = content.decode()
    if name.endswith(".css"):
        for pattern, replacement in CHANGES_TO_CSS:
            text = pattern.sub(replacement, text)
    text = re.sub(r"//# sourceMappingURL=\S*", "", text).strip() + "\n"
    if found := LEFT_BEHIND.search(text):
        raise SystemExit(f"{name} still holds “{found[0]}”: mend CHANGES_TO_CSS.")
    return text.encode()


def contents(tarball: bytes) -> dict[str, bytes]:
    """Return the package's files by their path in it."""
    with tarfile.open(fileobj=io.BytesIO(tarball)) as archive:
        files = ((member.name.partition("/")[2], archive.extractfile(member)) for member in archive)
        return {name: file.read() for name, file in files if file is not None}


def unpack(spec: str, tarball: bytes, wanted: dict[str, str]) -> Package:
    """Write the wanted files of one package below VENDOR."""
    held = contents(tarball)
    about = json.loads(held["package.json"])
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    package = Package(about["name"], about["version"], about["license"], integrity)
    for pattern, folder in wanted.items():
        names = fnmatch.filter(sorted(held), pattern)
        if not names:
            raise SystemExit(f"{spec} has no {pattern}: mend PACKAGES.")
        for name in names:
            target = VENDOR / folder / Path(name).name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(clean(name, held[name]))
            package.files[f"{folder}/{target.name}"] = hashlib.sha256(target.read_bytes()).hexdigest()
    return package


def main() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    packages = [unpack(spec, fetch(spec), wanted) for spec, wanted in PACKAGES.items()]
    record = json.dumps([asdict(package) for package in packages], indent=2)
    (VENDOR / "VENDOR.json").write_text(record + "\n")
    for package in packages:
        print(f"{package.name} {package.version} ({package.licence}): {len(package.files)} files")


if __name__ == "__main__":
    main()
