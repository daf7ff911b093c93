"""Mail programs: how each introduces the message that it answers, and lays out plain text."""

import datetime as dt
import textwrap
from dataclasses import dataclass, replace

HARD_SPACE = "\ue000"
"""Stands for a space at which no line may be broken: within personal data."""


@dataclass(frozen=True, slots=True)
class Program:
    """A mail program with the habits of its users."""

    name: str
    share: int
    """Of a hundred customers."""
    html_share: float
    """Of its users, how many send HTML rather than plain text."""
    width: int
    """Characters of a line of plain text; 0 where lines are not broken."""
    manner: str
    """`wrote`: a line introduces lines marked by `>`; `headers`: a block of headers, no marks."""
    devices: tuple[str, ...] = ()
    """What it writes below a mail by itself."""
    answers_below: bool = False


PROGRAMS = (
    Program("gmail", share=38, html_share=0.75, width=76, manner="wrote"),
    Program(
        "outlook",
        share=22,
        html_share=0.85,
        width=0,
        manner="headers",
        devices=("Sent from Outlook for iOS", "Get Outlook for Mac"),
    ),
    Program(
        "phone",
        share=20,
        html_share=0.5,
        width=0,
        manner="wrote",
        devices=("Sent from my iPad", "Sent from my Galaxy", "Sent from my mobile phone"),
    ),
    Program("thunderbird", share=9, html_share=0.3, width=72, manner="wrote", answers_below=True),
    Program("webmail", share=11, html_share=0.6, width=0, manner="headers"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A mail of a conversation, before it is laid out."""

    sender: str
    sender_address: str
    to: str
    to_address: str
    moment: dt.datetime
    subject: str
    blocks: tuple[str, ...]
    """Greeting, paragraphs, closing."""
    signature: str
    disclaimer: str
    program: Program
    earlier: "Turn | None" = None
    """What it answers and quotes."""


def plain(turn: Turn) -> str:
    """Return the text of a mail without markup, with the earlier ones quoted."""
    program = turn.program
    parts = [_filled(block, program.width) for block in turn.blocks]
    below = [turn.signature, turn.disclaimer]
    body = "\n\n".join(part for part in (*parts, *below) if part)
    if turn.earlier is None:
        return body
    quoted = plain(turn.earlier)
    if program.manner == "wrote":
        quoted = "\n".join(f"> {line}".rstrip() for line in quoted.splitlines())
    gap = "\n\n" if program.name == "gmail" else "\n"
    quote = f"{introduction(program, turn.earlier)}{gap}{quoted}"
    return f"{quote}\n\n{body}" if program.answers_below else f"{body}\n\n{quote}"


def shortened(turn: Turn | None, *, n_quoted: int) -> Turn | None:
    """Return a mail with at most `n_quoted` earlier ones below it."""
    if turn is None or turn.earlier is None:
        return turn
    earlier = shortened(turn.earlier, n_quoted=n_quoted - 1) if n_quoted else None
    return replace(turn, earlier=earlier)


def introduction(program: Program, earlier: Turn) -> str:
    """Return what a program writes above the mail that it quotes; of one or more lines."""
    at, who = earlier.moment, f"{earlier.sender} <{earlier.sender_address}>"
    if program.name == "outlook":
        return (
            f"From: {who}\nSent: {at.day} {at:%B %Y %H:%M}\n"
            f"To: {earlier.to} <{earlier.to_address}>\nSubject: {earlier.subject}\n"
        )
    if program.name == "webmail":
        return (
            f"----- Original message -----\nFrom: {who}\nTo: {earlier.to_address}\n"
            f"Sent: {at:%A}, {at.day} {at:%B %Y at %H:%M:%S} GMT\nSubject: {earlier.subject}\n"
        )
    when = {
        "gmail": f"{at:%a}, {at.day} {at:%b %Y at %H:%M}",
        "phone": f"{at.day} {at:%b %Y, at %H:%M},",
        "thunderbird": f"{at:%d/%m/%Y %H:%M},",
    }.get(program.name, f"{at:%Y-%m-%d %H:%M}")
    return f"On {when} {who if program.name != 'thunderbird' else earlier.sender} wrote:"


def _filled(block: str, width: int) -> str:
    """Break the lines of a block at `width` characters, between words only."""
    if not width:
        return block
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in block.split("\n")
    )
