"""Whose addresses are the platform's."""

import pytest

from notices.incoming.senders import fits


@pytest.mark.parametrize(
    ("address", "known", "fit"),
    [
        ("legal@platform.example", "legal@platform.example", True),
        ("other@platform.example", "legal@platform.example", True),
        ("jo@mail.platform.example", "legal@platform.example", True),
        ("jo@notplatform.example", "legal@platform.example", False),
        ("platform.legal@gmail.com", "Platform.Legal@gmail.com", True),
        ("somebody@gmail.com", "platform.legal@gmail.com", False),
        ("somebody@hotmail.co.uk", "platform.legal@hotmail.co.uk", False),
        ("somebody@yahoo.com.br", "platform.legal@yahoo.com.br", False),
        ("somebody@outlook.fr", "platform.legal@outlook.fr", False),
        ("somebody@yahoo-inc.example", "legal@yahoo-inc.example", True),
    ],
)
def test_address_is_theirs(address: str, known: str, fit: bool) -> None:
    assert fits(address, [known]) is fit
