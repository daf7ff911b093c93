"""The mail of the sample inbox: its shares, its truth, and the segment that surges."""

import datetime as dt
from collections import Counter

from nlp.apps.sample import NO_REQUEST
from nlp.settings import load
from nlp.states import Author
from nlp.text.clean import clean
from nlp.text.contract import Draft
from tests.sample_inbox import Sample, readable


def test_a_quarter_of_the_requests_raises_two_intents(sample: Sample) -> None:
    """22% to 28% of the requests raise two different intents; none raises more."""
    raised = [sample.raised[draft.external_id] for draft in sample.requests]
    assert {len(pairs) for pairs in raised} == {1, 2}
    two = [pairs for pairs in raised if len(pairs) == 2]
    assert all(first != second for (first, _), (second, _) in two)
    assert 0.22 < len(two) / len(raised) < 0.28


def test_second_intents_follow_the_day(sample: Sample) -> None:
    """A new topic is never a second request before its first day, but is afterwards."""
    raised = sample.raised
    for event in sample.table("events.csv"):
        if event["kind"] == "new_topic":
            start = dt.date.fromisoformat(event["start"])
            days = [
                draft.day
                for draft in sample.requests
                for intent, _ in raised[draft.external_id][1:]
                if intent == event["intent"]
            ]
            assert len(days) > 3
            assert min(days) >= start


def test_the_truth_has_every_request_and_begins_with_its_first_intent(sample: Sample) -> None:
    """`truth_all.csv` has the requests of `truth.csv`, with the same intent first; machine mail,
    thanks and agents' turns raise nothing."""
    raised, intents = sample.raised, sample.intents
    requested = {n: intent for n, intent in intents.items() if intent not in NO_REQUEST}
    first = {n: pairs[0][0] for n, pairs in raised.items()}
    assert not sorted(set(first.items()) ^ set(requested.items()))[:5]
    assert set(intents.values()) > set(NO_REQUEST)


def test_the_words_of_the_truth_stand_in_the_readable_message(sample: Sample) -> None:
    """Without markup and line breaks, a message contains the words that raise its intents, in the
    order of the truth."""
    texts = {draft.external_id: readable(draft.text) for _, draft in sample.good}
    for message, pairs in sample.raised.items():
        at = 0
        for _, words in pairs:
            at = texts[message].find(" ".join(clean(words).split()), at)
            assert at >= 0, (words, texts[message])
            at += 1


def test_half_of_the_mails_are_html_of_five_programs(sample: Sample) -> None:
    """55% to 75% of customers' mails are HTML, and nothing in other channels is. The markup of each
    mail program occurs."""
    written = [d for _, d in sample.good if d.author is Author.CUSTOMER]
    mails = [d.text for d in written if d.channel == "email"]
    pages = [text for text in mails if text.startswith("<")]
    assert 0.55 < len(pages) / len(mails) < 0.75
    assert not [d for d in written if d.channel != "email" and d.text.startswith("<")]
    marks = ("gmail_quote", "MsoNormal", "lineBreakAt", "moz-cite-prefix", "yahoo_quoted")
    for mark in marks:
        assert sum(mark in page for page in pages) > 10, mark


def test_mails_have_subjects_and_other_channels_none(sample: Sample) -> None:
    """More than 80% of the mails have a subject; no message of a chat, app or form has one."""
    subjects: dict[str | None, list[bool]] = {}
    for _, draft in sample.good:
        subjects.setdefault(draft.channel, []).append(draft.subject is not None)
    assert 0.8 < sum(subjects["email"]) / len(subjects["email"]) < 0.97
    assert not any(any(subjects[channel]) for channel in ("chat", "app", "web form"))


def test_what_stands_around_the_words_occurs_and_not_always(sample: Sample) -> None:
    """Greetings, signatures, disclaimers, quotes, form fields and side remarks each occur in some
    messages of their channel, but not in all."""
    first = [d for d in sample.requests if d.channel == "email"]
    texts = [readable(d.text) for d in first]
    shares = {
        "sign": ("Sent from", "example.com", "example.org", "example.net", "Brackley"),
        "disclaim": ("copy", "privileged", "Registered office", "on paper?"),
        "quote": ("wrote:", "From:"),
        "remark": ("I read the whole leaflet twice", "I normally never complain"),
    }
    for name, marks in shares.items():
        share = sum(any(mark in text for mark in marks) for text in texts) / len(texts)
        assert 0.005 < share < 0.6, (name, share)
    forms = [d.text for d in sample.requests if d.channel == "web form"]
    assert 0.3 < sum("example." in text for text in forms) / len(forms) < 0.6
    assert not [d for d in sample.requests if d.channel == "chat" and "\n\n--" in d.text]


def test_machine_mail_is_a_fortieth_of_the_inbox(sample: Sample) -> None:
    """1.5% to 3% of the rows are machine mail: absence notes, bounces and receipts."""
    intents = sample.intents
    mails = [d for _, d in sample.good if intents[d.external_id] == "machine_mail"]
    assert 0.015 < len(mails) / len(intents) < 0.03
    subjects = " ".join(str(d.subject) for d in mails)
    assert all(mark in subjects for mark in ("Out of office", "Undelivered", "receipt"))


def test_names_are_planted_around_the_words(sample: Sample) -> None:
    """Names of greetings and signatures, and addresses and numbers of signatures and quotes, are
    recorded as personal data beside the customer's words."""
    kinds = Counter(row["kind"] for row in sample.planted("around"))
    assert kinds["PERSON"] > 2_000
    assert kinds["EMAIL"] > 1_000
    assert kinds["PHONE"] > 200


def test_every_message_fits_the_limit_with_all_that_is_around_it(sample: Sample) -> None:
    """The longest good message is less than half as long as a text may be."""
    assert max(len(draft.text) for _, draft in sample.good) < load().max_text_chars / 2


def test_attributes_have_the_shares_of_a_bank(sample: Sample) -> None:
    """Nine in ten requests have country, plan and device; only customers with the app have an app
    version; each value has its usual share."""
    drafts = sample.requests
    known = [d.attributes for d in drafts if d.attributes]
    assert 0.88 < len(known) / len(drafts) < 0.96
    assert all({"country", "plan", "device"} <= set(a) for a in known)
    assert all(("app_version" in a) == (a["device"] != "web") for a in known)
    for name, value, low, high in (
        ("country", "GB", 0.5, 0.65),
        ("plan", "basic", 0.5, 0.7),
        ("device", "android", 0.38, 0.52),
        ("app_version", "8.2", 0.25, 0.36),
    ):
        assert low < sum(a.get(name) == value for a in known) / len(known) < high, (name, value)
    of_customer: dict[str | None, set[str]] = {}
    for draft in drafts:
        if draft.attributes:
            of_customer.setdefault(draft.customer_hash, set()).add(str(draft.attributes))
    assert {len(values) for values in of_customer.values()} == {1}


def test_one_segment_surges_and_nobody_else(sample: Sample) -> None:
    """In the days of the event the intent has four to eight times as many requests as usual in its
    segment, and about as many as usual among all others; no other intent rises in the segment."""
    (event,) = (e for e in sample.table("events.csv") if e["segment"])
    wanted = dict(pair.split("=") for pair in event["segment"].split(";"))
    assert wanted == {"app_version": "8.2", "device": "android"}
    start = dt.date.fromisoformat(event["start"])
    during = {start + dt.timedelta(n) for n in range(int(event["days"]))}
    usual = {d - dt.timedelta(7 * n) for d in during for n in (1, 2, 3)}

    def rise(is_inside: bool, is_intent: bool) -> float:
        counts = Counter(
            draft.day
            for draft in sample.requests
            if _is_in(draft, wanted) == is_inside
            and (sample_intents[draft.external_id] == event["intent"]) == is_intent
            and sample_intents[draft.external_id] not in surging
        )
        return sum(counts[d] for d in during) / (sum(counts[d] for d in usual) / 3)

    sample_intents = sample.intents
    surging = {e["intent"] for e in sample.table("events.csv") if not e["segment"]}
    assert 4 < rise(True, True) < 8
    assert 0.7 < rise(False, True) < 1.35
    assert 0.7 < rise(True, False) < 1.35


def _is_in(draft: Draft, wanted: dict[str, str]) -> bool:
    return all(draft.attributes.get(name) == value for name, value in wanted.items())
