import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from casework.models import Item
from notices import dispatch, drafting, item_lists, letters
from notices.disclosed import disclose
from notices.line_table import line_sheet, line_table
from notices.models import Notice
from tests.journeys.pdf import pages
from tests.notices.letters_at import Desk

MARKING, HANDLING = "OFFICIAL – SENSITIVE", "For the addressee's legal team only."


def verifies(content: bytes, signature: bytes, key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(base64.b64decode(signature), content)
    except InvalidSignature:
        return False
    return True


def test_the_lists_say_what_the_letter_says(desk: Desk) -> None:
    notice = desk.submitted(lines=2)

    lists = item_lists.frozen(notice)

    document = json.loads(lists["items.json"])
    rows = list(csv.DictReader(io.StringIO(lists["items.csv"].decode("utf-8-sig"))))
    line = notice.lines.select_related("item").first()
    assert document["format"] == "takedown-desk-items/1"
    assert document["notice"]["sender_org"] == "Referral Centre"
    assert document["notice"]["good_faith"] is True
    assert document["lines"][0] == {
        "line": 1,
        "url": line.address,
        "previous_url": None,
        "native_id": line.item.identifier,
        "author_handle": "seller",
        "kind": "post",
        "reference": line.item.reference,
        "legal_ground": [
            {"code": "bsaia_2025_17", "name": "Border Security, Asylum and Immigration Act 2025, section 17"}
        ],
        "policy_clause": [
            {
                "code": "authenticity",
                "title": "Authenticity: platform manipulation, spam and scams",
                "url": "https://help.x.com/en/rules-and-policies/authenticity",
            }
        ],
        "severity": "high",
        "reasons": "Offers places in a small boat and names a price.",
        "dispute": None,
        "back": None,
    }
    assert tuple(rows[0]) == item_lists.COLUMNS
    assert [row["url"] for row in rows] == [each["url"] for each in document["lines"]]


def test_the_letter_prints_the_checksums_of_what_is_attached(desk: Desk) -> None:
    notice = desk.queued(lines=2)
    dispatch.send_due()

    attached = {each.filename: each.content for each in mail.outbox[0].attachments}
    key = item_lists.public_keys()[-1]
    for name in item_lists.NAMES:
        content = attached[name].encode() if isinstance(attached[name], str) else attached[name]
        assert f"{name} SHA-256\n{hashlib.sha256(content).hexdigest()}\n" in notice.body
        assert verifies(content, attached[f"{name}.sig"], key)
        assert not verifies(content + b" ", attached[f"{name}.sig"], key)


def test_no_cell_of_the_list_runs(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    Item.objects.filter(notice_lines__notice=notice).update(owner="=cmd|'/c calc'!A1")

    lists = item_lists.files(disclose(notice))

    [row] = csv.DictReader(io.StringIO(lists["items.csv"].decode("utf-8-sig")))
    assert row["author_handle"] == "'=cmd|'/c calc'!A1"
    assert json.loads(lists["items.json"])["lines"][0]["author_handle"] == "=cmd|'/c calc'!A1"


def test_the_liaison_takes_lists_and_signatures_from_the_portal(client: Client, desk: Desk) -> None:
    notice = desk.sent(lines=1)
    client.force_login(desk.liaison)

    def get(name: str) -> bytes:
        return client.get(reverse("notices:notice_items", args=[notice.reference, name])).content

    client_key = Client().get("/.well-known/item-list-keys.json").json()["keys"][-1]
    assert client_key["algorithm"] == "Ed25519"
    for name in item_lists.NAMES:
        assert verifies(get(name), get(f"{name}.sig"), client_key["public_key"])


def test_a_draft_has_no_signed_list(client: Client, desk: Desk) -> None:
    client.force_login(desk.first)
    notice = desk.draft(lines=1)

    found = client.get(reverse("notices:notice_items", args=[notice.reference, "items.json"]))

    assert found.status_code == 404


@pytest.mark.parametrize("altered", [False, True])
def test_the_verifier_of_the_documentation_tells(altered: bool, desk: Desk, tmp_path: Path) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "letters.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    content = item_lists.frozen(desk.submitted(lines=1))["items.json"]
    (tmp_path / "verify.py").write_text(program, encoding="utf-8")
    (tmp_path / "items.json").write_bytes(content + b" " * altered)
    (tmp_path / "items.json.sig").write_bytes(item_lists.signature(content))
    keys = {"keys": [{"algorithm": "Ed25519", "public_key": key} for key in item_lists.public_keys()]}
    (tmp_path / "keys.json").write_text(json.dumps(keys))

    ran = subprocess.run(
        [sys.executable, "verify.py", "items.json", "keys.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == ((1, "NOT GENUINE\n") if altered else (0, "genuine\n"))


def marked(desk: Desk) -> Notice:
    notice = desk.draft(lines=1)
    return drafting.set_sender(
        notice, organisation="Referral Centre", name="Referral desk", email="desk@centre.example", good_faith=True,
        marking=MARKING, handling=HANDLING, by=desk.first,
    )  # fmt: skip


def test_a_marking_stands_in_head_and_foot_of_everything(desk: Desk) -> None:
    notice = drafting.submit(marked(desk), by=desk.first)
    drafting.approve(notice, by=desk.second)
    dispatch.queue(notice, by=desk.first)
    dispatch.send_due()

    marks = f"{MARKING}\n{HANDLING}\n"
    assert notice.body.startswith(marks)
    assert notice.body.endswith(f"\n{marks}")
    assert mail.outbox[0].subject == f"[{MARKING}] {notice.subject}"
    assert MARKING in line_table(notice).decode()
    with ZipFile(io.BytesIO(line_sheet(notice))) as book:
        assert MARKING in book.read("xl/worksheets/sheet1.xml").decode()
    lists = item_lists.frozen(notice)
    assert json.loads(lists["items.json"])["marking"] == MARKING
    assert MARKING in lists["items.csv"].decode()


def test_every_page_of_the_pdf_is_marked(desk: Desk) -> None:
    items = [desk.item() for _ in range(12)]
    [notice] = drafting.draft(items, by=desk.first)
    Notice.objects.filter(pk=notice.pk).update(marking=MARKING, handling=HANDLING, good_faith=True)
    frozen = drafting.submit(Notice.objects.get(pk=notice.pk), by=desk.first)

    shown = pages(letters.pdf(frozen))

    assert len(shown) > 2
    for mark in (MARKING, HANDLING):
        assert [page.count(mark.replace(" ", "")) for page in shown] == [2] * len(shown)


def test_the_filled_in_table_of_a_marked_notice_comes_back(desk: Desk) -> None:
    notice = drafting.submit(marked(desk), by=desk.first)

    rows = line_table(notice).decode("utf-8-sig").splitlines()

    assert rows[0].endswith(",note,marking")
    assert rows[1].endswith(f",{MARKING}")
