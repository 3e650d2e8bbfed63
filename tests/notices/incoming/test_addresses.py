from typing import Any

import pytest

from notices.channels.mail import letter_message
from notices.incoming import addresses
from notices.incoming.addresses import Addressed
from platforms.models import ChannelKind
from tests.notices.letters_at import Desk, ago
from tests.notices.mail_server import MailServer, Script
from tests.notices.mails.forms import About


def test_addresses_say_which_notice_and_which_dispatch(about: About) -> None:
    reference, dispatch = about.notice.reference, about.notice.dispatches.get()

    assert addresses.understood(about.reply_to) == Addressed("reply", reference)
    assert addresses.understood(f"<{about.return_to.upper()}>") == Addressed("return", reference, dispatch.pk)


def test_addresses_fit_into_what_mail_servers_allow(about: About) -> None:
    assert max(len(each.partition("@")[0]) for each in (about.reply_to, about.return_to)) <= 64


@pytest.mark.parametrize(
    "changed",
    [
        lambda address: address.replace("reply+", "return+"),
        lambda address: address.replace("@replies.centre.example", "@evil.example"),
        lambda address: address.replace(".", ".7.", 1),
        lambda address: address[:20] + ("a" if address[20] != "a" else "b") + address[21:],
        lambda address: address.replace("n2026", "n2025"),
        lambda address: address.partition(".")[0] + "@replies.centre.example",
        lambda address: address + "\n",
        lambda address: "x" + address,
        lambda address: "",
    ],
)
def test_changed_address_says_nothing(about: About, changed: Any) -> None:
    reference = about.notice.reference.lower()
    address = about.reply_to

    said = changed(address)

    assert reference in address
    assert addresses.understood(said) is None or said.strip() == address


def test_key_that_was_retired_is_still_known(about: About, settings: Any) -> None:
    address = about.reply_to
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"

    assert addresses.understood(address) == Addressed("reply", about.notice.reference)
    assert about.reply_to != address


def test_without_a_domain_letters_go_as_before(desk: Desk, settings: Any) -> None:
    settings.REPLY_DOMAIN = ""
    notice = desk.sent(kind=ChannelKind.MAIL, at=ago(hours=1))

    assert addresses.reply_address(notice) == addresses.return_address(notice.dispatches.get()) == ""
    assert letter_message(notice, notice.channel, at=ago(hours=1)).reply_to == []


def test_letter_carries_both_addresses(
    desk: Desk, mail_server: MailServer, script: Script, settings: Any
) -> None:
    settings.REPLY_DOMAIN = "replies.centre.example"
    notice = desk.sent(kind=ChannelKind.MAIL)

    [kept] = script.kept
    assert f"Reply-To: {addresses.reply_address(notice)}\r\n".encode() in kept
    assert script.senders == [addresses.return_address(notice.dispatches.get())]
