"""Promises of `nlp.text.zones` on mail that machines write."""

import pytest

from nlp.states import Zone
from nlp.text.zones import zones_of

MACHINE = [
    *(
        "Automatic reply: Kettle\nI am away.",
        "Out of Office\nBack on Monday.",
        "Auto-Reply: I am away until May.",
    ),
    *(
        "Abwesenheitsnotiz: Bin im Urlaub.",
        "Réponse automatique : je suis absent.",
        "Respuesta automática: no estoy.",
    ),
    *(
        "Risposta automatica: sono in ferie.",
        "Automatisch antwoord: ik ben weg.",
        "Autosvar: jag är borta.",
    ),
    *(
        "Odpowiedź automatyczna: urlop.",
        "Автоответ: я в отпуске.",
        "自動返信：休暇中です。",
        "自动回复：我在休假。",
    ),
    "Undeliverable: Kettle\nYour message could not be delivered to shop@hearth.example.",
    "Delivery Status Notification (Failure)\n\nThe mailbox is full.",
    "Undelivered Mail Returned to Sender\nThis is the mail system at host mx.hearth.example.",
    "Reporting-MTA: dns; mx.hearth.example\nFinal-Recipient: rfc822; shop@hearth.example",
    "Unzustellbar: Kessel\nIhre Nachricht konnte nicht zugestellt werden.",
    "Read: Kettle\nYour message was read on Friday, 6 February 2026 14:05.",
    "Hello,\nI am out of the office until 9 March. In urgent cases please call Ann.",
    "I am on annual leave. During my absence, please write to the desk.",
    "Ich bin bis Montag im Urlaub. In dringenden Fällen hilft Ihnen Ann.",
    "Thank you for contacting Hearth. Your ticket number is 4411. Please do not reply to this mail.",
    "This is an automated message. We have received your request and will be in touch.",
    "Ihre Anfrage ist bei uns eingegangen. Ihre Ticketnummer lautet 4411.",
]
NOT_MACHINE = [
    "I got an automatic reply to my last mail, and nobody called.",
    "Automatic reply to my complaint was useless, please call me.",
    "Your phone line says out of office although it is Tuesday.",
    "Out of office hours nobody answers. Why?",
    "I am on vacation until Monday and my card was swallowed by a machine.",
    "Read the manual, it does not help.",
    "We have received your invoice and it is wrong.",
    "My parcel could not be delivered because your driver had the wrong address.",
    "Why does it say do not reply? I want an answer to my ticket number 4411.",
    "Thank you for contacting me. My ticket number is 4411 and nothing happens.",
    "I am out of the country and locked out of my account.",
]


@pytest.mark.parametrize("text", MACHINE)
def test_mail_of_a_machine_is_one_machine_part(text: str) -> None:
    """Automatic replies, bounces, receipts and acknowledgements are whole MACHINE messages."""
    parts = zones_of(text)
    assert [part.zone for part in parts] == [Zone.MACHINE]
    assert parts[0].text == text


@pytest.mark.parametrize("text", NOT_MACHINE)
def test_a_customer_who_mentions_one_is_own(text: str) -> None:
    """A customer may mention automatic replies, holidays or undelivered parcels."""
    assert [part.zone for part in zones_of(text)] == [Zone.OWN]


@pytest.mark.parametrize(
    "subject", ["Automatic reply: Kettle", "RE: Out of Office: Ann", "Undeliverable: Kettle"]
)
def test_the_subject_tells_as_well(subject: str) -> None:
    """The subject of an automatic mail decides, whatever the body says."""
    parts = zones_of("I will come back to you on Monday.", subject=subject)
    assert [part.zone for part in parts] == [Zone.MACHINE]


@pytest.mark.parametrize("subject", ["Kettle", "Automatic reply was useless", "Re: Read this", ""])
def test_other_subjects_do_not(subject: str) -> None:
    """A subject that a customer wrote does not make the message MACHINE."""
    assert zones_of("It leaks.", subject=subject)[0].zone is Zone.OWN
