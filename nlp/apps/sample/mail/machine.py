"""Mail that no person wrote: absence notes, bounces, receipts, confirmations."""

import datetime as dt
import random
from collections.abc import Mapping

from nlp.apps.sample.filling import fill
from nlp.apps.sample.letters import Letter, Part, Words
from nlp.apps.sample.mail.people import pick_customer
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.schedule import MACHINE_MAIL


def machine_mail(
    rng: random.Random, *, moment: dt.datetime, slots: Mapping[str, tuple[str, ...]]
) -> Letter:
    """Return one such mail, from a customer's mailbox or about it."""
    mail = rng.choice(load_phrases().machines)
    customer = pick_customer(rng)
    own = {"customer": (customer.name,), "address": (customer.address,)}
    merchant = (rng.choice(slots["merchant"]),)  # the same in subject and text
    gaps = {**slots, **own, "merchant": merchant}
    data = (("EMAIL", customer.address),) if "{address}" in mail.text else ()
    text = fill(rng, mail.text, gaps)
    return Letter(
        intent=MACHINE_MAIL,
        moment=moment,
        channel="email",
        words=Words((Part(text),), is_bare=True),
        customer=customer,
        is_known=rng.random() < 0.5,
        language="",
        planted=data,
        subject=fill(rng, mail.subject, gaps),
    )
