import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

STATIC = settings.BASE_DIR / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = settings.BASE_DIR / "templates"
# Any other whole document goes on paper, with its parts (`printed_`), and needs its style inside.
DOCUMENTS = {"base.html", "bare.html"}
PAGES = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    if path.name in DOCUMENTS or not ("<html" in path.read_text() or path.name.startswith("printed_"))
]
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
OURS = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]


def named(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def test_vendored_files_are_those_that_were_recorded() -> None:
    packages = json.loads((VENDOR / "VENDOR.json").read_text())
    recorded = {name: digest for package in packages for name, digest in package["files"].items()}
    there = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "VENDOR.json"]
    assert recorded == {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest() for path in there
    }


@pytest.mark.parametrize("path", [*VENDOR.rglob("*.css"), *OURS], ids=named)
def test_assets_load_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    for address in re.findall(r"url\([\"']?([^\"')]*)", text):
        assert (path.parent / address).resolve().is_file(), address
    for address in re.findall(r"(?:import|from) \"([^\"]*)\"", text if path.suffix == ".js" else ""):
        assert (path.parent / address).resolve().is_file(), address
    assert "GDS Transport" not in text
    assert "govuk-crest" not in text


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_templates_compile_and_hold_no_style_or_script_of_their_own(path: Path) -> None:
    engines["django"].get_template(str(path.relative_to(TEMPLATES)))
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_components_are_given_what_they_need_and_no_more(path: Path) -> None:
    for tag in re.findall(r"{% include \"components/[^%]*%}", path.read_text()):
        assert tag.endswith(" only %}"), tag


@pytest.mark.parametrize("path", COMPONENTS, ids=named)
def test_components_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 40


def test_the_list_of_components_is_complete() -> None:
    listed = (settings.BASE_DIR / "docs" / "pages.md").read_text()
    frame = {
        "header",
        "navigation",
        "footer",
        "keys",
        "messages",
        "error_links",
        "form_buttons",
        "select_all",
    }
    tags = {"status_tag", "deadline"}
    missing = [
        path.stem for path in COMPONENTS if f"`{path.stem}`" not in listed and path.stem not in frame | tags
    ]
    assert missing == []
