"""Promises of `nlp.text.zones` on quoted history: what remains as own words."""

import pytest

from nlp.states import Zone
from nlp.text.zones import own_words, zones_of

OWN = "The kettle you sent leaks at the base."

ABOVE_A_QUOTE = [
    "On Fri, 6 Feb 2026 at 14:05, Hearth Shop <shop@hearth.example> wrote:\n> What leaks?",
    "On Fri, 6 Feb 2026 at 14:05, Hearth Shop\n<shop@hearth.example> wrote:\n\n> What leaks?",
    (
        "On Friday, February 6, 2026 at 02:05:11 PM GMT+1, Hearth Shop\n<\nshop@hearth.example>\nwrote:"
        "\n\nWhat leaks?"
    ),
    "On 6/2/2026 14:05, Hearth Shop wrote:\n> What leaks?\n>> A kettle.\n>>> Which one?",
    "Hearth Shop wrote:\n> What leaks?",
    "Am Fr., 6. Feb. 2026 um 14:05 Uhr schrieb Hearth Shop <shop@hearth.example>:\n\n> Was?",
    "Am 06.02.26 um 14:05 schrieb Hearth:\n> Was tropft?",
    "Le ven. 6 févr. 2026 à 14:05, Hearth <shop@hearth.example> a écrit :\n\n> Quoi ?",
    "El vie, 6 feb 2026 a las 14:05, Hearth (<shop@hearth.example>) escribió:\n\n> ¿Qué?",
    "Il giorno ven 6 feb 2026 alle ore 14:05 Hearth <shop@hearth.example> ha scritto:\n> Che?",
    "Op vr 6 feb 2026 om 14:05 schreef Hearth <shop@hearth.example>:\n\n> Wat lekt?",
    "Em sex., 6 de fev. de 2026 às 14:05, Hearth <shop@hearth.example> escreveu:\n> O quê?",
    "pt., 6 lut 2026 o 14:05 Hearth <shop@hearth.example> napisał(a):\n> Co?",
    "Den fre 6 feb. 2026 kl 14:05 skrev Hearth <shop@hearth.example>:\n> Vad?",
    "pá 6. 2. 2026 v 14:05 odesílatel Hearth <shop@hearth.example> napsal:\n> Co?",
    "пт, 6 февр. 2026 г. в 14:05, Hearth <shop@hearth.example>:\n> Что?",
    "Hearth <shop@hearth.example>, 6 Şub 2026 Cum, 14:05 tarihinde şunu yazdı:\n> Ne?",
    "2026年2月6日(金) 14:05 Hearth <shop@hearth.example>:\n> 何が?",
    "Hearth <shop@hearth.example> 于2026年2月6日周五 14:05写道：\n> 什么？",
    "-----Original Message-----\nFrom: Hearth\nSent: Friday 14:05\nTo: Me\nSubject: Kettle\n\nWhat?",
    "________________________________\nFrom: Hearth <shop@hearth.example>\nSent: Friday\n\nWhat?",
    "From: Hearth <shop@hearth.example>\nDate: 6 February 2026\nTo: Me\nSubject: Kettle\n\nWhat?",
    "*From:* Hearth <shop@hearth.example>\n*Sent:* 6 February 2026\n*To:* Me\n\nWhat?",
    "Von: Hearth <shop@hearth.example>\nGesendet: Freitag, 6. Februar 2026 14:05\nAn: Ich\n\nWas?",
    "De : Hearth <shop@hearth.example>\nEnvoyé : vendredi 6 février 2026\nÀ : moi\nObjet : Fuite\n\n?",
    "От: Hearth <shop@hearth.example>\nОтправлено: 6 февраля 2026 г.\nКому: я\nТема: Чайник\n\nЧто?",
    "发件人: Hearth <shop@hearth.example>\n发送时间: 2026年2月6日\n收件人: me\n主题: 水壶\n\n什么？",
    "---------- Forwarded message ---------\nFrom: Hearth <shop@hearth.example>\nDate: Fri\n\nWhat?",
    "Begin forwarded message:\n\nFrom: Hearth <shop@hearth.example>\nSubject: Kettle\nDate: Fri\n\nWhat?",
    "---- Hearth Shop wrote ----\n\nWhat leaks?",
    "##- Please type your reply above this line -##\n\nYour request (4411) has been updated.",
    "--- Reply above this line ---\nWe asked: what leaks?",
]

OWN_WITHIN = [
    ("> What leaks?\n\nThe base.\n\n> Since when?\n\nSince Friday.", "The base.\n\nSince Friday."),
    ("> What leaks?\nThe base does.\n> Since when?\nFriday.", "The base does.\n\nFriday."),
    (
        "Hearth Shop wrote on 6 Feb 2026:\n> What leaks?\n>\n> Regards\n> Hearth\n\nThe base leaks.",
        "The base leaks.",
    ),
    (
        (
            "It leaks.\n\nOn 6 Feb 2026 at 14:05, Hearth <s@h.example> wrote:\n"
            "> We are very sorry to hear about that and would like to know a little bit\nmore.\n> Hearth"
        ),
        "It leaks.",
    ),
    ("It leaks. On 6 Feb 2026 at 14:05, Hearth <s@h.example> wrote:\nWhat leaks?", "It leaks."),
]

NOT_A_QUOTE = [
    "On Monday my boss wrote: pay now\nI did and was charged twice.",
    "The courier wrote:\nno one at home. I was at home all day.",
    "On 06/02/2026 14:05 I wrote to you:\nmy kettle leaks\nand nothing happened.",
    "On 6 February I bought a kettle.\nIt leaks.",
    "From: the shop in Leeds\nI got a kettle that leaks.",
    "The page says ----- error ----- and stops.\nWhat now?",
    "My invoice shows two lines\n-----\nand I bought one kettle.",
    "I need three things from you:\na refund, a letter, a call.",
]


@pytest.mark.parametrize("history", ABOVE_A_QUOTE)
def test_words_above_a_quote_are_own(history: str) -> None:
    """Text above an earlier mail is own words, and the earlier mail is not."""
    parts = zones_of(f"{OWN}\n\n{history}")
    assert own_words(parts) == OWN
    assert parts[-1].zone is Zone.QUOTE


@pytest.mark.parametrize("history", ABOVE_A_QUOTE)
def test_earlier_mail_alone_leaves_no_own_words(history: str) -> None:
    """A forward without a comment has no own words, unless it is a mail with its own header."""
    own = own_words(zones_of(history))
    assert own == "" or history.startswith(
        ("From:", "*From", "Von:", "De :", "От:", "发件人", "##", "--- R")
    )


@pytest.mark.parametrize(("text", "own"), OWN_WITHIN)
def test_answers_between_and_below_quoted_lines_are_own(text: str, own: str) -> None:
    """Answers between quoted lines, below them, or on the introduction's line are own words."""
    assert own_words(zones_of(text)) == own


@pytest.mark.parametrize("text", NOT_A_QUOTE)
def test_prose_that_resembles_an_introduction_is_own(text: str) -> None:
    """A line with "wrote:" but without a full date and a time or an address is own words."""
    assert own_words(zones_of(text)) == text


def test_the_header_of_the_message_itself_is_no_quote() -> None:
    """A mail that is exported with its own header keeps its body."""
    text = "From: Ann <ann@a.example>\nTo: shop@hearth.example\nSubject: Kettle\n\nIt leaks."
    assert own_words(zones_of(text)) == "It leaks."
