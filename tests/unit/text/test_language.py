"""`nlp.text.language`."""

import pytest

from nlp.errors import SettingError
from nlp.text.language import LanguageDetector

DETECTOR = LanguageDetector(("en",))
ENGLISH = [
    "pls help card declined",
    "Why was I charged twice for my hotel in Paris?",
    "play la vida loca by ricky martin",
    "my IBAN transfer to Deutsche Bank AG Frankfurt failed",
    "top up no working",
    "Hola, I need help with my new card please",
    "remind me about the fiesta on saturday",
    "PIN blocked!!!",
    "ok",
    "card not recieved yet wen will it come",
    "What is the exchange rate from zloty to euro",
    "does apple pay work with visa",
]
OTHERS = {
    "de": [
        "Meine Karte ist immer noch nicht angekommen",
        "Ich habe mein Passwort vergessen und komme nicht mehr rein",
        "Warum wurde mir die Gebühr doppelt berechnet?",
        "Bitte sperren Sie meine Karte sofort",
        "Der Geldautomat hat meine Karte eingezogen",
        "Wann bekomme ich mein Geld zurück?",
    ],
    "es": [
        "Mi tarjeta todavía no ha llegado",
        "Por qué me han cobrado dos veces",
        "Quiero cerrar mi cuenta por favor",
        "El cajero se tragó mi tarjeta ayer",
        "No reconozco este cargo en mi cuenta",
        "La aplicación no funciona desde ayer",
    ],
    "fr": [
        "Ma carte n'est toujours pas arrivée",
        "Pourquoi ai-je été débité deux fois ?",
        "Je voudrais fermer mon compte s'il vous plaît",
        "Je ne reconnais pas ce paiement",
        "On m'a volé mon téléphone ce matin",
        "L'application ne marche plus depuis hier",
    ],
    "pl": [
        "Moja karta jeszcze nie przyszła",
        "Dlaczego pobrano opłatę dwa razy",
        "Bankomat połknął wczoraj moją kartę",
        "Nie rozpoznaję tej płatności na koncie",
        "Ukradziono mi telefon dziś rano",
        "Proszę o zablokowanie mojej karty",
    ],
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_foreign_words_stays_english(text: str) -> None:
    """Typos, names, and short or mixed messages still count as English."""
    assert DETECTOR.detect(text) == "en"


def test_other_languages_are_told() -> None:
    """At least nine of ten sentences of five or more words are detected correctly."""
    output = [DETECTOR.detect(text) == code for code, texts in OTHERS.items() for text in texts]
    assert sum(output) / len(output) >= 0.9


@pytest.mark.parametrize(
    ("text", "code"), [("カードがまだ届いていません", "ja"), ("Где мои деньги? Верните", "ru")]
)
def test_other_scripts_are_told(text: str, code: str) -> None:
    """A text in another script is detected, also without spaces."""
    assert DETECTOR.detect(text) == code


@pytest.mark.parametrize(("text", "code"), [("", "und"), ("?! \U0001f642", "und"), ("12 34", "en")])
def test_texts_without_words(text: str, code: str) -> None:
    """A text without words is undetermined; a number counts as the first language."""
    assert DETECTOR.detect(text) == code


def test_the_first_supported_language_is_the_one_in_doubt() -> None:
    """Supported languages are distinguished, and a doubtful text counts as the first."""
    detector = LanguageDetector(("de", "en"))
    assert detector.detect("ok danke") == "de"
    assert detector.detect("Why was I charged twice for this hotel booking?") == "en"


def test_a_language_that_is_none_names_the_setting() -> None:
    """An unknown code is a setting error that says what is allowed."""
    with pytest.raises(SettingError, match=r"TRIAGE_LANGUAGES.*ISO 639-1.*: xx"):
        LanguageDetector(("xx",)).detect("a text of some words")


_NOTICES = [
    "Denna e-post kan innehålla hemlig information. Kontakta oss om du fått den av misstag.",
    "Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Prosimy o usunięcie kopii.",
    "Dieses Schreiben ist vertraulich und darf nicht an andere weitergegeben werden.",
]


@pytest.mark.parametrize("notice", _NOTICES)
@pytest.mark.parametrize("text", ["Why was I charged twice for my hotel in Paris?"])
def test_a_notice_in_another_language_does_not_make_the_message_one(text: str, notice: str) -> None:
    """A foreign notice above or below the customer's words does not change their language."""
    assert DETECTOR.detect(notice) != "en"
    assert DETECTOR.detect(f"{text}\n\n{notice}") == "en"
    assert DETECTOR.detect(f"{notice}\n\n{text}") == "en"


@pytest.mark.parametrize("code", sorted(OTHERS))
def test_a_long_message_in_another_language_stays_one(code: str) -> None:
    """Many paragraphs, or a word of English among them, do not change the language."""
    text = "\n\n".join([*OTHERS[code], "OK thanks"])
    assert DETECTOR.detect(text) == code
