"""`nlp.text.personal.names`."""

import pytest

from nlp.text.personal.names import holds_name, names_in
from nlp.text.redact import Redactor


def marked(text: str, *, is_around: bool = False) -> str:
    """Return the text with brackets around each name."""
    at, pieces = 0, []
    for start, end in names_in(text, is_around=is_around):
        if start >= at:
            pieces += [text[at:start], f"[{text[start:end]}]"]
            at = end
    return "".join([*pieces, text[at:]])


@pytest.mark.parametrize(
    "text",
    [
        "Hi [Gudrun],\n\nmy parcel is late.\n\nKind regards\n[Osagie Thackeray]",
        "Dear Mrs [Pumphrey], thank you.",
        "Good morning [Ottilie] and [Bram]",
        "my name is [osagie thackeray] and i want to cancel",
        "I'm [Osagie]. I spoke to [Bettina] yesterday.",
        "[Osagie Thackeray] here, still waiting.",
        "My wife [Hope] should have access, and so should [J. R. Thackeray].",
        "Full name: [Thackeray, Osagie]\nOrder: 1",
        "From: [Osagie Thackeray]\nSubject: Refund",
        "On Monday, [Osagie Thackeray] wrote:",
        "Call [Will Thackeray] or [May Pumphrey] back",
        "Cheers, [osagie]",
        "Sehr geehrte Frau [Pumphrey],",
        "je m'appelle [Mireille Dufresne] et ma carte est perdue",
        "the account of [Joost van den Heuvel] is locked",
        "Salut, c'est [Bheki].\nBises, [Bheki]",
        "Moin, hier ist [Hakob].\nLG [Hakob]",
        "spoke w/ [Llinos] about [Temuera]'s account",
        "[Jussara] from Sales, and [Ruwan], my flatmate, know it.",
        "Agent ([Somchai]): hold on",
        "our technical contact is [Nursultan]",
        "my nan [llinos rivers] cannot log in, [noura] promised me a call",
        "@[Stoyan] any news?",
        "Hi, [Mark]. This is [Grant Baker].",
        "customer_name=[Llinos Behrens]&topic=billing",
        '{"firstName": "[Csilla]", "lastName": "[Rivers]"}',
        "Your name\n[Nguyệt Bond]\nYour question\nWhy is it late?",
        "Applicant: [Rivers, Tewodros]. Document rejected.",
        "[Jacinta Lane] lives in Maple Lane",
        "[Noura Al-Harbi] and [Itziar]",
    ],
)
def test_finds_names_by_cues_and_lists(text: str) -> None:
    """A greeting, a closing, a title, a role, a label or a list of names tells a name."""
    assert marked(text.replace("[", "").replace("]", "")) == text


@pytest.mark.parametrize(
    "text",
    [
        "May I mark this as opened? I hope you will grant me a refund for the rose.",
        "How do I add my card to Apple Pay, Google Pay or Samsung Galaxy?",
        "My Monzo card was declined in Paris, and in London by Tesco.",
        "Dear Customer Service Team,\n\nthe Android app freezes.\n\nThanks in advance",
        "Dear Sir or Madam, I AM VERY UPSET ABOUT THE ATM",
        "I flew with British Airways from New York on Easter Monday in April.",
        "Is it in Europe or in America that Visa and American Express charge a fee?",
        "I don't know why my top-up isn't here. I've tried Wi-Fi.",
        "I am furious and this is ridiculous.",
        "the Consumer Financial Protection Bureau and Mariner Finance",
        "Rose Gold strap on a flight to Adelaide",
        "The Martin guitar is broken, says the Seller.",
        "Visitor: my code never comes\nFrom: me to you",
        "How long does a transfer from China take?",
        "Jira and HubSpot are down. Faith in your service is gone.",
        "the weather in san francisco and in benton",
    ],
)
def test_leaves_ordinary_words_places_and_companies(text: str) -> None:
    """Words that are names elsewhere stay where they are used as ordinary words."""
    assert marked(text) == text


def test_a_line_of_a_signature_may_be_a_name_alone() -> None:
    """In a signature, a word that is in no list is a name; an ordinary word is none."""
    assert (
        marked("Zqrtovic\nHead of Purchasing", is_around=True) == "[Zqrtovic]\nHead of Purchasing"
    )
    assert marked("Zqrtovic") == "Zqrtovic"


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [("maureen", True), ("call lindqvist", True), ("card payment", False), ("monzo app", False)],
)
def test_names_are_told_in_words_of_labels(phrase: str, *, expected: bool) -> None:
    """What is a name and nothing else is not for a label, in lower case either."""
    assert holds_name(phrase) is expected


@pytest.mark.parametrize("thing", ["plan", "device", "seat", "product", "event", "file"])
def test_the_name_of_a_thing_stays(thing: str) -> None:
    """A field that says what has the name is no person's, also as the name of an attribute."""
    assert Redactor().redact(f"{thing} name: Pro").text == f"{thing} name: Pro"
    assert Redactor().redact_named(f"{thing}.name", "Gold") == "Gold"


@pytest.mark.parametrize("whose", ["my ", "the ", "customer ", ""])
def test_the_name_of_a_person_goes(whose: str) -> None:
    """Whoever it is said to be."""
    assert Redactor().redact(f"{whose}name: Bo Li").text == f"{whose}name: <PERSON>"
