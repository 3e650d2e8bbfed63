"""Wallet addresses of which the checksum agrees: what looks like one by chance is none. Pure.

Read: Bitcoin (Base58Check; Bech32 and Bech32m, BIP 173 and 350), Ethereum (EIP-55 where letters are mixed), Tron,
Litecoin, Monero and TON. Chains whose addresses carry no checksum (Solana) are not looked for.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from functools import reduce

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE_OF = {letter: value for value, letter in enumerate(_BASE58)}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_SUMS = {0: 1}  # of a Bech32 address by its version; all later ones are Bech32m
_BECH32M = 0x2BC830A3
_CHECKED = {0x00: "bitcoin", 0x05: "bitcoin", 0x30: "litecoin", 0x32: "litecoin", 0x41: "tron"}
_MONERO = (18, 19, 42)  # main, integrated and sub-address
_TON = {0x11, 0x51}  # bounceable or not
CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9_+/=-])(?:0x[0-9a-fA-F]{40}|(?:bc|ltc)1[02-9ac-hj-np-z]{11,87}|(?:BC|LTC)1[02-9AC-HJ-NP-Z]{11,87}"
    r"|[13LMT][1-9A-HJ-NP-Za-km-z]{25,34}|[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?"
    r"|[EU]Q[A-Za-z0-9_+/-]{46})(?![A-Za-z0-9_+/=-])"
)


def wallet(text: str) -> tuple[str, str] | None:
    """Return the chain and the one form of an address, or None if it is none."""
    if text.startswith("0x"):
        return _ethereum(text)
    if text[:4].lower().startswith(("bc1", "ltc1")):
        return _segwit(text)
    readers: tuple[Callable[[str], tuple[str, str] | None], ...] = (_base58check, _monero, _ton)
    return next((found for read in readers if (found := read(text))), None)


def _ethereum(text: str) -> tuple[str, str] | None:
    digits = text[2:]
    mixed = digits.lower() != digits and digits.upper() != digits
    checked = _eip55(digits.lower())
    return None if mixed and checked != digits else ("ethereum", f"0x{checked}")


def _eip55(digits: str) -> str:
    hashed = keccak256(digits.encode()).hex()
    return "".join(
        digit.upper() if int(check, 16) > 7 else digit for digit, check in zip(digits, hashed, strict=False)
    )


def _base58check(text: str) -> tuple[str, str] | None:
    number = 0
    for letter in text:
        value = _VALUE_OF.get(letter)
        if value is None:
            return None
        number = number * 58 + value
    if number.bit_length() > 25 * 8:
        return None
    whole = number.to_bytes(25, "big")
    chain = _CHECKED.get(whole[0])
    leading = len(text) - len(text.lstrip("1"))
    sound = hashlib.sha256(hashlib.sha256(whole[:21]).digest()).digest()[:4] == whole[21:]
    return (chain, text) if chain and sound and leading == len(whole) - len(whole.lstrip(b"\0")) else None


def _segwit(text: str) -> tuple[str, str] | None:
    prefix, _, rest = text.lower().partition("1")
    values = [_BECH32.index(letter) for letter in rest]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    if len(text) > 90 or _polymod(spread + values) != _SUMS.get(values[0], _BECH32M):
        return None
    program, spare = divmod((len(values) - 7) * 5, 8)
    fits = program in (20, 32) if values[0] == 0 else 2 <= program <= 40
    if values[0] > 16 or spare > 4 or not fits:
        return None
    return ("bitcoin" if prefix == "bc" else "litecoin", text.lower())


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        check ^= reduce(lambda sum_, bit: sum_ ^ (_GENERATOR[bit] if top >> bit & 1 else 0), range(5), 0)
    return check


def _monero(text: str) -> tuple[str, str] | None:
    if len(text) not in (95, 106):
        return None
    whole = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        number = reduce(lambda sum_, letter: sum_ * 58 + _VALUE_OF[letter], block, 0)
        size = {11: 8, 7: 5}[len(block)]
        if number.bit_length() > size * 8:
            return None
        whole += number.to_bytes(size, "big")
    return ("monero", text) if whole[0] in _MONERO and keccak256(whole[:-4])[:4] == whole[-4:] else None


def _ton(text: str) -> tuple[str, str] | None:
    if len(text) != 48:
        return None
    whole = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    if whole[0] not in _TON or whole[1] not in (0, 255) or _crc(whole[:34]) != whole[34:]:
        return None
    bounceable = b"\x11" + whole[1:34]
    return "ton", base64.urlsafe_b64encode(bounceable + _crc(bounceable)).decode()


def _crc(content: bytes) -> bytes:
    return binascii.crc_hqx(content, 0).to_bytes(2, "big")


# -- Keccak-256 as Ethereum and Monero use it: SHA-3 before its padding was changed -----------------

_MASK = (1 << 64) - 1
_TURNS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)
_RATE = 136  # bytes
Lanes = list[list[int]]


def _constants() -> list[int]:
    """Of the 24 rounds, from the shift register that the standard gives (FIPS 202, 3.2.5)."""
    register, found = 1, []
    for _ in range(24):
        constant = 0
        for bit in range(7):
            constant |= (register & 1) << (2**bit - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        found.append(constant)
    return found


_ROUNDS = _constants()


def keccak256(content: bytes) -> bytes:
    """Return the Keccak-256 digest, 32 bytes."""
    padded = bytearray(content + b"\1" + bytes(-(len(content) + 1) % _RATE))
    padded[-1] |= 0x80
    lanes: Lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            at = start + 8 * place
            lanes[place % 5][place // 5] ^= int.from_bytes(padded[at : at + 8], "little")
        for constant in _ROUNDS:
            lanes = _round(lanes, constant)
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))


def _round(lanes: Lanes, constant: int) -> Lanes:
    parity = [reduce(int.__xor__, column) for column in lanes]
    mixed = [parity[x - 1] ^ _turn(parity[(x + 1) % 5], 1) for x in range(5)]
    moved: Lanes = [[0] * 5 for _ in range(5)]
    for x in range(5):
        for y in range(5):
            moved[y][(2 * x + 3 * y) % 5] = _turn(lanes[x][y] ^ mixed[x], _TURNS[x][y])
    result = [
        [moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y]) for y in range(5)] for x in range(5)
    ]
    result[0][0] ^= constant
    return result


def _turn(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK
