"""Selectors in text: found in one form, and nothing made of prices, dates, order numbers and addresses."""

# ruff: noqa: E501, RUF001

import pytest

from platforms import wallets
from platforms.selectors import find_selectors

GB, FR, IR, IQ, PL, DE = ("GB",), ("FR",), ("IR",), ("IQ",), ("PL",), ("DE",)
BTC, SEGWIT = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
ETHEREUM, TRON = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
MONERO = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
TON = "EQDtFpEwcFAEcRe5mLVh2N6C0x-_hJEM7W61_JLnSF74p4q2"
OURS = "+447700900123"


def read(text: str, regions: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    return [each[:3] for each in find_selectors(text, regions=regions)]


@pytest.mark.parametrize(
    ("text", "regions", "number"),
    [
        *(
            (text, (), OURS)
            for text in (
                "+44 7700 900123", "+447700900123", "+44-7700-900123", "+44.7700.900123", "(+44) 7700 900123",
                "+44 (0)7700 900123", "+44 (7700) 900123", "tel:+447700900123", "Call +44 7700 900123 now!", "0044 7700 900123",
                "00447700900123", "📞+44 7700 900123", "WhatsApp: 447700900123", "whatsapp 447700900123", "واتساب 447700900123",
                "+٤٤ ٧٧٠٠ ٩٠٠١٢٣", "+۴۴ ۷۷۰۰ ۹۰۰۱۲۳", "\uff0b44 7700 900123", "واتساب: ٤٤٧٧٠٠٩٠٠١٢٣", "wa.me/447700900123",
                "https://wa.me/447700900123?text=hi", "hxxps://wa[.]me/447700900123", "https://t.me/+447700900123",
                "https://api.whatsapp.com/send?phone=447700900123", "rufen Sie +44 7700 900123 an",
                "appelez le +44 7700 900123.", "Звоните +44 7700 900123", "للتواصل +44 7700 900123",
            )
        ),
        *(
            (text, GB, OURS)
            for text in ("07700 900123", "(07700) 900123", "07700-900-123", "Call 07700900123", "text me on 07700 900 123",
                         "07700900123 WhatsApp", "tel. 07700 900123", "my number is 07700 900123", "واتساب ٠٧٧٠٠ ٩٠٠١٢٣",
                         "WhatsApp 07700900123")
        ),
        ("0️⃣7️⃣9️⃣1️⃣1️⃣ 1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", GB, "+447911123456"),
        ("07911123456", GB, "+447911123456"),
        ("06 39 98 12 34", FR, "+33639981234"),
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", IR, "+989123456789"),
        ("٠٧٥٠ ١٢٣ ٤٥٦٧", IQ, "+9647501234567"),
        ("tel. 500 600 700", PL, "+48500600700"),
        ("030 23125 123", DE, "+493023125123"),
        ("+1 (202) 555-0143", (), "+12025550143"),
        ("+964 750 123 4567", (), "+9647501234567"),
    ],
)  # fmt: skip
def test_telephone_numbers_are_read_in_one_form(text: str, regions: tuple[str, ...], number: str) -> None:
    assert read(text, regions) == [("telephone", "", number)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@boats_uk", ("handle", "", "boats_uk")),
        ("DM @Boats_UK.", ("handle", "", "boats_uk")),
        ("(@boats_uk)", ("handle", "", "boats_uk")),
        ("تواصل @boats_uk الآن", ("handle", "", "boats_uk")),
        ("пишите @boats_uk", ("handle", "", "boats_uk")),
        ("联系@boats_uk", ("handle", "", "boats_uk")),
        ("Telegram: @boats_uk", ("handle", "telegram", "boats_uk")),
        ("tg @boats_uk", ("handle", "telegram", "boats_uk")),
        ("TG: boats_uk", ("handle", "telegram", "boats_uk")),
        ("تلگرام: @boats_uk", ("handle", "telegram", "boats_uk")),
        ("تيليجرام @boats_uk", ("handle", "telegram", "boats_uk")),
        ("Телеграм: @boats_uk", ("handle", "telegram", "boats_uk")),
        ("IG @seller.one", ("handle", "instagram", "seller.one")),
        ("insta: seller_2024", ("handle", "instagram", "seller_2024")),
        ("اینستا: @seller.one", ("handle", "instagram", "seller.one")),
        ("Snapchat: seller_99", ("handle", "snapchat", "seller_99")),
        ("سناب: @seller_99", ("handle", "snapchat", "seller_99")),
        ("TikTok @seller99", ("handle", "tiktok", "seller99")),
        ("Twitter: @seller99", ("handle", "x", "seller99")),
        ("DM @seller99 on X", ("handle", "x", "seller99")),
        ("@seller99 on Telegram", ("handle", "telegram", "seller99")),
        ("YouTube: @SellerTV", ("handle", "youtube", "sellertv")),
        ("@alice@mastodon.social", ("handle", "mastodon", "alice@mastodon.social")),
        ("t.me/boats_uk", ("handle", "telegram", "boats_uk")),
        ("https://t.me/boats_uk/12", ("handle", "telegram", "boats_uk")),
        ("hxxps://x[.]com/Boats_UK", ("handle", "x", "boats_uk")),
        ("https://x.com/boats_uk/status/1719283746556473829", ("handle", "x", "boats_uk")),
        ("https://www.tiktok.com/@boats_uk", ("handle", "tiktok", "boats_uk")),
        ("desk@example.org", ("email", "", "desk@example.org")),
        ("Desk.One@Example.org.", ("email", "", "desk.one@example.org")),
        ("desk[@]example[.]org", ("email", "", "desk@example.org")),
        ("desk (at) example (dot) org", ("email", "", "desk@example.org")),
        ("mailto:desk@example.org", ("email", "", "desk@example.org")),
        ("a+b@mail.example.co.uk", ("email", "", "a+b@mail.example.co.uk")),
        (f"BTC {BTC}", ("wallet", "bitcoin", BTC)),
        (f"pay to {SEGWIT}.", ("wallet", "bitcoin", SEGWIT)),
        (SEGWIT.upper(), ("wallet", "bitcoin", SEGWIT)),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", ("wallet", "bitcoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy")),
        (f"USDT: {ETHEREUM}", ("wallet", "ethereum", ETHEREUM)),
        (ETHEREUM.lower(), ("wallet", "ethereum", ETHEREUM)),
        (f"USDT TRC20 {TRON}", ("wallet", "tron", TRON)),
        (f"XMR {MONERO}", ("wallet", "monero", MONERO)),
        (f"TON {TON}", ("wallet", "ton", TON)),
        ("UQDtFpEwcFAEcRe5mLVh2N6C0x-_hJEM7W61_JLnSF74p9dz", ("wallet", "ton", TON)),
        ("https://t.me/+AbCdEfGhI", ("invite", "telegram", "https://t.me/joinchat/AbCdEfGhI")),
        ("t.me/joinchat/AbCdEfGhI", ("invite", "telegram", "https://t.me/joinchat/AbCdEfGhI")),
        ("hxxps://t[.]me/+AbCdEfGhI", ("invite", "telegram", "https://t.me/joinchat/AbCdEfGhI")),
        ("https://discord.gg/AbCdEf", ("invite", "discord", "https://discord.gg/AbCdEf")),
    ],
)
def test_other_selectors_are_read_in_one_form(text: str, found: tuple[str, str, str]) -> None:
    assert read(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "", "No selector here.", "Row 123", "1234567", "12345678", "2024-05-06", "2024-05-06 12:30", "06.05.2024 12:30:45",
        "12.05.2024-14.05.2024", "20240506 1230", "06/05/2024", "1,200,000", "1.200.000", "1 200 000", "£1,200,000", "$ 12000000",
        "price 0770090012", "€ 07700 900123", "07700 900123 EUR", "order 07700900123", "Order no. 07700 900123", "ref 07700 900123",
        "#07700900123", "invoice 07700 900123", "ISBN 978-3-16-148410-0", "IBAN GB82 WEST 1234 5698 7654 32", "1719283746556473829",
        "item 2024-000123", "192.0.2.1", "192.168.100.200", "+1,200,000 views", "+1 000 000 followers", "1000 2000 3000",
        "1200 1500 1800", "500 600 700", "10.000.000", "51.5074, -0.1278", "9876 5432 1098 7654", "12:30-14:45 10:15",
        "https://www.facebook.com/permalink.php?story_fbid=1234567890123", "https://youtu.be/dQw4w9WgXcQ",
        "https://example.org/07700900123", "example.org/order/447700900123", "https://example.org/?id=07700900123",
        "v1.2.3.4567890", "tracking 07700 900123", "Bestellung 07700 900123", "заказ 07700 900123", "سفارش ۰۷۷۰۰ ۹۰۰۱۲۳",
        "@5pm", "@ 5pm", "2 @ £30", "@10am", "@media (max-width: 3px)", "@import 'a.css'", "@everyone", "@a", "a@b",
        "https://example.org/@name", "Telegram: contact us", "Instagram: see below", "follow us on Telegram", "x: 12345",
        "tg: 12", "name@", "user@localhost", BTC[:-1] + "b", SEGWIT[:-1] + "p", ETHEREUM[:-1] + "D", TRON[:-1] + "T",
        MONERO[:-1] + "J", TON[:-1] + "3", "0x" + "ab" * 32, "a" * 34, "d41d8cd98f00b204e9800998ecf8427e", "07700 90012",
        "bc1qqqqqqqqqqqqqqqqqqqq", "SGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=",
    ],
)  # fmt: skip
def test_nothing_is_made_up(text: str) -> None:
    assert read(text, GB) == []


@pytest.mark.parametrize("text", ["07700 900123", "500 600 700", "0912 345 6789", "2025550143"])
def test_a_number_without_its_country_needs_a_region(text: str) -> None:
    assert read(text) == []


def test_places_are_those_in_the_text() -> None:
    text = "call +44 7700 900123 or @boats_uk"

    assert [text[each.start : each.end] for each in find_selectors(text)] == ["+44 7700 900123", "@boats_uk"]


def test_keccak_is_the_one_before_the_standard() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"

    assert wallets.keccak256(b"").hex() == empty
