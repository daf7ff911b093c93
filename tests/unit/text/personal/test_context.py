"""What the words beside it, its form or its check digits tell to be personal, through `redact`."""

import pytest

from nlp.text.redact import Redactor

REDACTOR = Redactor()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my PIN is 4821 now", "my PIN is <SECRET> now"),
        ("cvv: 291", "cvv: <SECRET>"),
        ("the verification code 482 913 came late", "the verification code <SECRET> came late"),
        (
            "your text says 482913 is my security code",
            "your text says <SECRET> is my security code",
        ),
        ("my password is Tulip!77, why?", "my password is <SECRET>, why?"),
        ("account 55779812, sort code 20-11-83", "account <ACCOUNT>, sort code <ACCOUNT>"),
        ("routing number 021000021", "routing number <ACCOUNT>"),
        ("I was born on 11 June 1982 in Leeds", "I was born on <BIRTHDATE> in Leeds"),
        ("DOB: 1982-06-11", "DOB: <BIRTHDATE>"),
        ("passport 925665416 was rejected", "passport <ID> was rejected"),
        ("NI number QQ 12 34 56 C", "NI number <ID>"),
        ("NHS no 999 123 4560", "NHS no <ID>"),
        ("Steuer-ID 86 095 742 719", "Steuer-ID <ID>"),
        ("Aadhaar 2345 6789 0124", "Aadhaar <ID>"),
        ("PAN ABCPE1234F", "PAN <ID>"),
        ("2 55 08 14 168 025 38 is mine", "<ID> is mine"),
        ("SSN 219 09 9999", "SSN <SSN>"),
        ("I live at 12a Mill Lane, Harwick HX4 7QP now", "I live at <ADDRESS> now"),
        ("Ship to 1600 Maple Ave Apt 4B, Boise, ID 83702", "Ship to <ADDRESS>"),
        ("Lindenstraße 12, 50674 Köln", "<ADDRESS>"),
        ("12 bis rue des Lilas, 69003 Lyon", "<ADDRESS>"),
        ("card 4111 1111 1111 1112 is blocked", "card <CARD> is blocked"),
        ("card 4111/1111/1111/1111", "card <CARD>"),
        ("4111_1111_1111_1111", "<CARD>"),
        ("4111&nbsp;1111&nbsp;1111&nbsp;1111", "<CARD>"),
        ("<b>4111</b> <b>1111</b> <b>1111</b> <b>1111</b>", "<b><CARD></b>"),
        ("4111\u034f1111\u28001111\u31641111", "<CARD>"),
        ("4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15, "<CARD>\ufe0f\u20e3"),
        ("IBAN GB29 NWBK 6016 1331 9268 18 is refused", "IBAN <IBAN> is refused"),
        ("you blocked my IP 203.0.113.77", "you blocked my IP <IP>"),
        ("MAC 00:1A:2B:3C:4D:5E", "MAC <ID>"),
    ],
)
def test_replaces_what_its_surroundings_tell(text: str, expected: str) -> None:
    """A cue, a form or check digits tell a number or a secret."""
    assert REDACTOR.redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "The basket stays empty in Chrome/120.0.0.0, app version 10.4.2.1, section 5.1.2.3",
        "since the update to 4.12.0.3, at 10::30, mixed 3::1, abc::1f",
        "barcode 4012345000740, sent at 1772629500000",
        "order 48213377, tracking 619428120692, invoice of 2026-02-11 over £1,240.50",
        "my password is not accepted and the PIN is blocked since 3 days",
        "the verification code never arrived, error code 40913",
        "the account is overdrawn by 48213377 cents",
        "my birthday is in October, I bought it on 11/02/2026",
        "account 12345678 sort code 00-00-00",
        "card 1111 2222",
    ],
)
def test_leaves_versions_times_and_orders(text: str) -> None:
    """Versions, times, barcodes, orders, amounts, dates and examples stay."""
    assert REDACTOR.redact(text).text == text
