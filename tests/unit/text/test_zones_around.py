"""Promises of `nlp.text.zones` on greetings, closings, signatures, notices and forms."""

import pytest

from nlp.states import Zone
from nlp.text.zones import own_words, zones_of

OWN = "The kettle you sent leaks at the base.\nCan I return it?"

GREETINGS = [
    *(
        "Dear Sir or Madam,",
        "Hi Sarah",
        "Hello Hearth team!",
        "To whom it may concern:",
        "hey",
        "Hi all,",
    ),
    *("Hallo zusammen,", "Sehr geehrte Damen und Herren,", "Guten Morgen Frau Kern,", "Bonjour,"),
    *(
        "Cher Monsieur,",
        "Buenos días,",
        "Estimados señores:",
        "Gentile Signora Rossi,",
        "Olá Marta,",
    ),
    *("Goedemiddag,", "Beste meneer De Wit,", "Hej Kundservice!", "Dzień dobry,", "Dobrý den,"),
    *("Здравствуйте, Ольга!", "Merhaba,", "您好，", "お世話になっております。", "山田様"),
]
TAILS = [
    *(
        "Regards",
        "Kind regards,\nAnn Poole",
        "Many thanks in advance!\nAnn",
        "Thanks, Ann",
        "Cheers\nann",
    ),
    *("Yours sincerely,\n\nAnn Poole\nHead of Kitchens\nPoole & Sons Ltd\n+44 1632 960 001",),
    *(
        "Mit freundlichen Grüßen\nAnn Poole",
        "Viele liebe Grüße\nAnn",
        "Bien cordialement,\nAnn Poole",
    ),
    *(
        "Un saludo,\nAnn",
        "Cordiali saluti\nAnn Poole",
        "Met vriendelijke groet,\nAnn",
        "Hälsningar\nAnn",
    ),
    *("Z poważaniem\nAnna Nowak", "С уважением,\nАнна", "Saygılarımla\nAnn", "谢谢！\n安娜"),
    *("Ystävällisin terveisin,\nAnna Virtanen", "Lugupidamisega,\nAnn Tamm"),
    *("-- \nAnn Poole\nhttps://poole.example", "--\nAnn Poole | Poole & Sons | 01632 960001"),
    *(
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "Von meinem iPad gesendet",
        "Envoyé de mon iPhone",
    ),
    *(
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "发自我的iPhone",
    ),
    *("Ann Poole", "Ann Poole\n12 Mill Road\nann@poole.example"),
    (
        "Thanks\nAnn\n\nThis e-mail is confidential and intended for the addressee only. Please delete it"
        " if you are not the recipient."
    ),
    "Gruß\nAnn\n\nDiese Nachricht ist vertraulich und nur für den Empfänger bestimmt.",
    "Please consider the environment before you print this mail.",
]
STAYS = [
    "I got an automatic reply yesterday.\nNobody called me.",
    "Thanks\n\nOne more thing: the lid is missing too, please send one.",
    (
        "I received an e-mail with confidential details that was intended for another recipient.\n"
        "Should I delete it and notify you?"
    ),
    "Thank you for cancelling my order so late.\nI want my money back.",
    "First problem\n--\nsecond problem is that I cannot log in and nobody answers my mails",
    "It says: error 4\nThen: nothing happens any more and I wait",
    "Dear customers are not treated like this\nI want a refund",
    "My kettle leaks\n\nWhy",
    "I have three questions:\n\n- Fees\n- Limits\n- Cards",
    "I see two errors:\nError: 42\nCode: 17\nwhat do they mean?",
    "It broke.\n\nPlease refund me\nTom Brown",
    "My kettle leaks\nSent my phone number already, nobody calls",
]
FORMS = [
    (
        "Name: Ann Poole\nOrder: 44120\nMessage: The kettle leaks at the base.",
        "The kettle leaks at the base.",
    ),
    (
        "Vorname: Ann\nKunde-Nr.: 44120\nIhr Anliegen:\nDer Kessel tropft seit Freitag.",
        "Der Kessel tropft seit Freitag.",
    ),
    (
        (
            "Full name: Ann van der Poole\nEmail: ann@poole.example\nTopic: leaking kettle\n"
            "Details: it leaks and I burnt my hand\nIt is new.\nCall back: yes"
        ),
        "leaking kettle\n\nit leaks and I burnt my hand\nIt is new.",
    ),
    (
        "Contact: Ann\nPolicy number: 7-112\n\nI want to cancel my policy.",
        "I want to cancel my policy.",
    ),
    (
        "氏名：山田\n注文番号：44120\n内容：やかんの底から水が漏れています。",
        "やかんの底から水が漏れています。",
    ),
]


@pytest.mark.parametrize("greeting", GREETINGS)
def test_greetings_are_set_apart(greeting: str) -> None:
    """A greeting above the request is a GREETING, in any of the languages."""
    parts = zones_of(f"{greeting}\n\n{OWN}")
    assert [part.zone for part in parts] == [Zone.GREETING, Zone.OWN]
    assert parts[1].text == OWN


@pytest.mark.parametrize("tail", TAILS)
def test_what_stands_below_is_set_apart(tail: str) -> None:
    """Closings, names, signatures, devices and notices below the request are not own words."""
    assert own_words(zones_of(f"Hi,\n\n{OWN}\n\n{tail}")) == OWN


@pytest.mark.parametrize("text", STAYS)
def test_words_that_resemble_them_stay(text: str) -> None:
    """Words that resemble a closing, a notice or a form stay own words."""
    kept = own_words(zones_of(text))
    assert kept in {text, text.removeprefix("Thanks\n\n")}


_SPONSOR = "\n\nOur shop is open on Sundays in June, come and see us there."


@pytest.mark.parametrize(
    "block",
    [
        "Best wishes\nAnn Poole\n\nANN POOLE, Head of Kitchens\nPoole & Sons\nAsk for our new list.",
        "Best wishes\nAnn Poole\n\n--\nPoole & Sons, kitchens since 1962 and always with a smile.",
        "Amitiés d'ici,\nAnn Poole\n\n*Ann Poole*\n_Poole & Sons_\nThink of the trees, do not print.",
    ],
)
def test_a_block_that_repeats_the_name_goes_with_it(block: str) -> None:
    """A signature block that repeats the name goes as a whole, even if other words follow it."""
    assert own_words(zones_of(f"{OWN}\n\n{block}{_SPONSOR}")) == f"{OWN}{_SPONSOR}"


def test_a_postscript_below_a_name_stays() -> None:
    """A postscript that does not repeat the name, without a delimiter above it, is own words."""
    text = f"{OWN}\n\nBest wishes\nAnn Poole\n\nThe lid rattles, too. Is that usual?{_SPONSOR}"
    assert "The lid rattles, too." in own_words(zones_of(text))


def test_a_concern_on_the_line_of_the_greeting_is_own() -> None:
    """A greeting is cut off after its comma, and the rest of the line is own words."""
    parts = zones_of("Hi Sarah, my kettle leaks.\nSince Friday.\n\nThanks\nAnn")
    assert own_words(parts) == "my kettle leaks.\nSince Friday."


@pytest.mark.parametrize(
    "text", ["Thanks!", "Many thanks, Ann", "Hello", "Guten Tag!", "Sent from my iPad"]
)
def test_courtesy_alone_leaves_no_own_words(text: str) -> None:
    """A message that is only a greeting or thanks has no own words."""
    assert own_words(zones_of(text)) == ""


@pytest.mark.parametrize(("text", "own"), FORMS)
def test_free_text_of_a_form_is_own(text: str, own: str) -> None:
    """Labels and data are FORM; the free text is own words, whatever its label."""
    parts = zones_of(text)
    assert own_words(parts) == own
    assert parts[0].zone is Zone.FORM
