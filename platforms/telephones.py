"""Telephone numbers in text, in E.164. Pure and offline.

A number with `+` or `00` says its country itself; one without needs a region to be read in, and is taken only where it
is valid there and written as people write telephone numbers: prices, dates and order numbers are not.
"""

import re
from collections.abc import Iterable, Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneMetadata, PhoneNumberFormat, PhoneNumberMatcher

# What a bare number is read as where a text is in the language; a language of many countries says too little.
REGIONS: dict[str, tuple[str, ...]] = {
    "am": ("ET",), "bg": ("BG",), "ckb": ("IQ",), "cs": ("CZ",), "da": ("DK",), "de": ("DE",),
    "el": ("GR",), "en": ("GB",), "et": ("EE",), "fa": ("IR",), "fi": ("FI",), "fr": ("FR",), "he": ("IL",),
    "hi": ("IN",), "hu": ("HU",), "hy": ("AM",), "it": ("IT",), "ja": ("JP",), "ka": ("GE",),
    "kmr": ("IQ", "TR"), "ko": ("KR",), "ku": ("IQ",), "lt": ("LT",), "lv": ("LV",), "nl": ("NL",),
    "no": ("NO",), "pl": ("PL",), "prs": ("AF",), "ps": ("AF",), "ro": ("RO",), "ru": ("RU",),
    "sk": ("SK",), "sl": ("SI",), "so": ("SO",), "sq": ("AL",), "sr": ("RS",), "sv": ("SE",), "th": ("TH",),
    "ti": ("ER",), "tr": ("TR",), "uk": ("UA",), "ur": ("PK",), "vi": ("VN",),
}  # fmt: skip
MAYBE = re.compile(r"\d(?:[^\w\n]{0,3}\d){6}")  # seven digits close together
_MOST_TRIES = 500
_LEAST = 8  # digits of a number with its country


def _words(text: str) -> str:
    """Words of a pattern, between spaces, the longest first."""
    return "|".join(sorted(text.split(), key=len, reverse=True))


_APPS = _words(
    r"whats?\s?app whatsap wa viber signal imo botim zalo واتس\s?اب واتساب واتساپ وتساب вотсап ватсап вайбер"
)
_TELEPHONE = _words(
    r"""tel telephone phone mob mobile cell call text ring sms contact number telefon\w* telef[oó]no
    t[eé]l num[eé]ro nummer handy anruf\w* appel\w* llam\w* chiam\w* zadzwo\w* sun[aă]\w* ara\w*
    liên\shệ gọi sđt тел\w* звон\w* дзвон\w* номер\w* هاتف رقم اتصل\w* للتواصل التواصل جوال موبايل
    تلفن تماس شماره موبایل مۆبایل ژمارە تەلەفۆن پەیوەندی اړیکه شمېره 电话 電話 微信 ☎ 📞 📱"""
)
_REFERENCE = _words(
    r"""no nr ref reference order invoice id case item post row isbn iban vat account a/c booking flight
    ticket parcel tracking track serial version v code bestell\w* rechnung\w* auftrag\w* commande
    facture pedido factura заказ\w* счет счёт طلب فاتورة سفارش"""
)
_MONEY = _words(
    r"""[$€£¥₺₽] eur euros? usd gbp chf try iqd irr afn rub \u0440\u0443\u0431\w* dollars? pounds? dinars? toman rials?
    kr zł tl lira lek price cost تومان ریال دينار دولار يورو یورو لیر ليرة قیمت السعر"""
)
_COUNTED = _words(r"km kg views? followers? likes? members? people abonn\w* подписчик\w* متابع مشاهدة")
_SAID = r"[\s:.=\-–—()>→*،,]*(?:(?:us|me|at|on|now|to|or|is|auf|unter|au|al|на)[\s:.]+){0,2}$"
_CUE = re.compile(rf"(?:\b(?:{_TELEPHONE}|{_APPS})|[☎📞📱])\s?{_SAID}", re.IGNORECASE)
_BEHIND = re.compile(rf"\W{{0,3}}(?:{_APPS}|telegram)\b", re.IGNORECASE)
_NOT_BEFORE = re.compile(
    rf"(?:[#№%=/_\\@]|\b(?:{_REFERENCE})|(?<!\w)(?:{_MONEY}))[\s:.#-]*(?:(?:no|nr|number|id)[\s:.#]+)?$",
    re.IGNORECASE,
)
_NOT_BEHIND = re.compile(rf"\s?(?:[%°=_/\\@]|(?:{_MONEY}|{_COUNTED})(?!\w))", re.IGNORECASE)
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_NETWORK = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_GROUPS = re.compile(r"\d+")
_EXIT = re.compile(r"(?<![\d+])00(?=[1-9])")
_APP = re.compile(rf"\b(?:{_APPS})[\s:=-]{{0,3}}[\s:=](?=[1-9]\d{{10,14}}(?!\d))", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+]?\d{1,3}(?:[.,' ]000|[.,]\d{3})+")


def find_telephones(text: str, regions: Iterable[str] = ()) -> Iterator[tuple[str, int, int]]:
    """Yield numbers in E.164 with where they stand in `text`, in which every digit is an ASCII digit.

    `regions` (ISO 3166) are tried in turn for numbers without a country; without any, those are passed over.
    """
    taken: list[tuple[int, int]] = []
    for region in (None, *regions):
        for match in PhoneNumberMatcher(_opened(text), region, Leniency.POSSIBLE, _MOST_TRIES):
            start, end = match.start, match.start + len(match.raw_string)
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            if _is_meant(text, start, end, match.number, region):
                taken.append((start, end))
                yield phonenumbers.format_number(match.number, PhoneNumberFormat.E164), start, end


def _opened(text: str) -> str:
    """The text with a `+` where `00`, or the name of an app that numbers people with their country, stands for it."""
    return _APP.sub(lambda app: f"{app[0][:-1]}+", _EXIT.sub(" +", text))


def regions(language: str) -> tuple[str, ...]:
    """Where a bare number in a text of the language (ISO 639, with or without a region) is likely to be dialled."""
    return REGIONS.get(language.partition("-")[0].lower(), ())


def is_telephone(digits: str) -> bool:
    """Whether the digits, country first, have the form of a number."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False


def _is_meant(text: str, start: int, end: int, number: phonenumbers.PhoneNumber, region: str | None) -> bool:
    written = text[start:end]
    before, behind = text[max(0, start - 40) : start], text[end : end + 20]
    if _DATE.search(written) or _NETWORK.fullmatch(written) or _NOT_BEHIND.match(behind):
        return False
    if region is None:
        digits = sum(map(str.isdigit, written))
        return (
            digits >= _LEAST
            and not _THOUSANDS.fullmatch(written)
            and (phonenumbers.is_valid_number(number) or len(_GROUPS.findall(written)) <= 6)
        )
    if _NOT_BEFORE.search(before):
        return False
    cued = _CUE.search(before) is not None or _BEHIND.match(behind) is not None
    return _is_national(written, number, region, cued=cued)


def _is_national(written: str, number: phonenumbers.PhoneNumber, region: str, *, cued: bool) -> bool:
    """A number without its country is one where a word says so, or it is dialled and written as people do there."""
    groups = _GROUPS.findall(written)
    if all(len(group) == 1 for group in groups):
        groups = ["".join(groups)]
    metadata = PhoneMetadata.metadata_for_region(region)
    trunk = metadata.national_prefix if metadata else None
    dialled = trunk is not None and groups[0].startswith(trunk)
    valid = phonenumbers.is_valid_number(number)
    if cued:
        return valid or dialled
    if not dialled or len(groups) > 5:
        return False
    general = metadata.general_desc if metadata else None
    longest = general.possible_length[-1] if general else 0
    whole = len(str(number.national_number)) == longest
    return valid or (whole and len(groups) >= 2 and 2 <= len(groups[0]) < 7)
