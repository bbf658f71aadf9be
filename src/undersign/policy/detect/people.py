"""Personal and regulated data: addresses, telephone numbers, cards, accounts, SSNs."""

from __future__ import annotations

import re

from undersign.policy.detect.found import Anchor, Finder, Meaning, Rank
from undersign.policy.detect.late import Late
from undersign.policy.detect.pattern import Pattern

EMAIL = Meaning("email", "personal", "EMAIL", Rank.PERSONAL)
PHONE = Meaning("phone", "personal", "PHONE", Rank.PERSONAL)
CARD = Meaning("card-number", "regulated", "CARD", Rank.REGULATED)
IBAN = Meaning("iban", "regulated", "IBAN", Rank.REGULATED)
SSN = Meaning("us-ssn", "regulated", "SSN", Rank.REGULATED)

_IBANS = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
    DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
    IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
    MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
    SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_IBAN_LENGTHS = {one[:2]: int(one[2:]) for one in _IBANS.split()}
"""Country -> characters of its IBANs, as the SWIFT registry lists them."""

_CALLING = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|"
    r"2[1-689]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[0578]\d|9[679]\d"
)
"""Country codes of ITU-T E.164."""

_NO_PERSON = re.compile(
    rb"(?i)@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|test|localhost)\Z|"
    rb"\A(?:git|noreply|no-reply)@|\.(?:png|jpe?g|gif|svg|webp|css|js|py|service|socket|timer)\Z"
)


def is_card(value: bytes) -> bool:
    """Say whether digits are a card number: an issuer's range, its length, Luhn's digit."""
    digits = re.sub(rb"[ -]", b"", value)
    return _issued(digits) and luhn(digits) and len(set(digits)) > 1


def luhn(digits: bytes) -> bool:
    """Say whether the last digit is Luhn's check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, byte in enumerate(reversed(digits)):
        digit = (byte - 48) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _issued(digits: bytes) -> bool:
    """Say whether the issuer's range and the length fit (ISO/IEC 7812 issuer ranges)."""
    size, four = len(digits), int(digits[:4])
    return (
        (digits[:1] == b"4" and size in (13, 16, 19))
        or (size == 16 and (5100 <= four <= 5599 or 2221 <= four <= 2720))
        or (size == 15 and digits[:2] in (b"34", b"37"))
        or (size in (16, 19) and (four == 6011 or 6440 <= four <= 6599 or 3528 <= four <= 3589))
        or (size in (14, 16) and (3000 <= four <= 3059 or digits[:2] in (b"36", b"38", b"39")))
        or (16 <= size <= 19 and digits[:2] in (b"62", b"81"))
    )


def is_iban(value: bytes) -> bool:
    """Say whether it has a country's length and its check digits (ISO 13616, modulo 97)."""
    text = value.replace(b" ", b"").decode()
    if _IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def is_phone(value: bytes) -> bool:
    """Say whether it is a number in E.164's form: a country's code and 8 to 15 digits."""
    digits = re.sub(rb"\D", b"", value).decode()
    return 8 <= len(digits) <= 15 and _CALLING.match(digits) is not None and len(set(digits)) > 1


def is_national_phone(value: bytes) -> bool:
    """Say whether it is a North American number: area and exchange begin with 2 to 9."""
    digits = re.sub(rb"\D", b"", value)[-10:]
    return digits[0] > 49 and digits[3] > 49 and len(set(digits)) > 1


def is_email(value: bytes) -> bool:
    """Say whether an address may be a person's: not of a documentation name, not a file."""
    return _NO_PERSON.search(value) is None and b".." not in value


def is_ssn(value: bytes) -> bool:
    """Say whether the Social Security Administration may have given the number."""
    area, group, serial = value[:3], value[4:6], value[7:]
    return area not in (b"000", b"666") and area < b"900" and group != b"00" and serial != b"0000"


def people() -> tuple[Finder, ...]:
    """Return the finders."""
    countries = "|".join(_IBAN_LENGTHS)
    return (
        Pattern(
            (Anchor(r"[A-Za-z0-9_%+\-]@[A-Za-z0-9]", 3, b"@", 1),), EMAIL,
            Late(rb"((?:[\w%+-][\w.%+-]{0,63})@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})"),
            ahead=260, back=64, check=is_email,
        ),
        Pattern(
            (Anchor(r"\+[1-9][0-9 ().\-]{2}[0-9 ().\-]", 5, b"+"),), PHONE,
            Late(rb"(\+[1-9]\d{0,3}(?:[ .-]?\(?\d{1,5}\)?){2,6})"
                        rb"(?:[^\w.+:/=-]|[.,:]\s|[.]?$)"),
            ahead=40, check=is_phone,
        ),
        Pattern(
            (Anchor(r"\([2-9]\d{2}\)[ .\-][2-9]", 7), Anchor(r"\([2-9]\d{2}\)[2-9]\d", 7)), PHONE,
            Late(rb"(\(\d{3}\)[ .-]?\d{3}[ .-]\d{4})(?:\D|$)"),
            ahead=24, check=is_national_phone,
        ),
        Pattern(
            (Anchor(r"\b[2-68][0-9]{12}", 13), Anchor(r"\b[2-68][0-9]{3}[ \-][0-9]{4}[ \-]", 10),
             Anchor(r"\b3[0-9]{3}[ \-][0-9]{6}[ \-]", 12)), CARD,
            Late(rb"(?:^|[^\w.-])(\d{13,19}|"
                        rb"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,4}(?:[ -]\d{1,3})?|"
                        rb"\d{4}[ -]\d{6}[ -]\d{4,5})(?:[^\w.-]|[.,-](?:\D|$)|$)"),
            ahead=32, back=1, check=is_card,
        ),
        Pattern(
            (Anchor(rf"\b(?:{countries})[0-9]{{2}}[A-Z0-9]{{4}}", 8),
             Anchor(rf"\b(?:{countries})[0-9]{{2}} [A-Z0-9]{{4}}", 9)), IBAN,
            Late(rb"([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?:\W|_|$)"),
            ahead=48, check=is_iban,
        ),
        Pattern(
            (Anchor(r"\b[0-9]{3}\-[0-9]{2}\-[0-9]{4}\b", 11),), SSN,
            Late(rb"(?is)(?:ssn|social.security|\bss\b.{0,3}#|tax.?payer.id|\btin\b).{0,40}?"
                        rb"(\d{3}-\d{2}-\d{4})"),
            ahead=11, back=64, check=is_ssn,
        ),
    )  # fmt: skip
