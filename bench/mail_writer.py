"""Writes a customer's requests as mail, chat, web form or app text.

The order of the random draws is part of the protocol: the same seed and phrases give the same text.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.mail_phrases import Phrases

_QUESTIONS = ("what", "why", "how", "can", "is", "do", "where", "when", "could")
_STYLE = "<style>p.MsoNormal{margin:0cm;font-family:Calibri} .x1{color:#1f497d}</style>"
_PIXEL = '<img src="https://mail.example/open.gif?u=77" width="1" height="1" alt="">'


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it arrives."""

    text: str
    quoted_intent: str | None = None
    """The intent of a text in its quoted history; None if it has no quoted history."""


class MailWriter:
    """Draws phrases from `rng`, and quoted history from `quotable`, earlier texts by intent."""

    def __init__(
        self, phrases: Phrases, quotable: Mapping[str, Sequence[str]], rng: np.random.Generator
    ) -> None:
        self._phrases = phrases
        self._quotable = quotable
        self._rng = rng

    def machine_mail(self) -> str:
        """Return an automatic message."""
        return self._one(self._phrases.machine)

    def write(self, requests: Sequence[str], *, channel: str) -> Written:
        """Write the requests of one customer, in order, as a message of a channel."""
        name = self._one(self._phrases.name)
        paragraphs = self._paragraphs(requests)
        if channel == "chat":
            # A chat greeting keeps `{agent}`, like a template that was never filled in.
            greeting = [self._one(self._phrases.greeting)] if self._happens(0.3) else []
            return Written("\n".join([*greeting, *paragraphs]))
        if channel == "app":
            return Written(" ".join(paragraphs))
        if channel == "web form":
            return Written(self._form(name, paragraphs))
        return self._mail(name, paragraphs)

    def _paragraphs(self, requests: Sequence[str]) -> list[str]:
        """Return each request with its connector, perhaps between side remarks."""
        paragraphs = []
        for n, request in enumerate(requests):
            sentence = self._sentence(request)
            before = self._remark()
            if n:
                connector = self._one(self._phrases.connector)
                sentence = f"{connector} {sentence[0].lower()}{sentence[1:]}"
            paragraphs.append(" ".join([*before, sentence, *self._remark()]))
        return paragraphs

    def _sentence(self, request: str) -> str:
        if self._happens(0.7):
            request = request[0].upper() + request[1:]
        if request[-1] in ".?!" or self._happens(0.3):
            return request
        is_question = request.split()[0].lower() in _QUESTIONS
        return request + ("?" if is_question else ".")

    def _remark(self) -> list[str]:
        return [self._one(self._phrases.remark)] if self._happens(0.35) else []

    def _form(self, name: str, paragraphs: Sequence[str]) -> str:
        of_name, of_number, of_text, *further = self._one(self._phrases.form).split("|")
        number = self._rng.integers(10**7, 10**8)
        lines = [
            f"{of_name}: {name}",
            f"{of_number}: {number}",
            f"{of_text}: " + "\n".join(paragraphs),
        ]
        return "\n".join(lines + [f"{label}: yes" for label in further[:1]])

    def _mail(self, name: str, paragraphs: Sequence[str]) -> Written:
        phrases = self._phrases
        greeting = self._one(phrases.greeting).replace("{agent}", self._one(phrases.name))
        closing = self._one(phrases.closing)
        parts = [greeting, "", "\n\n".join(paragraphs), "", closing, name]
        if self._happens(0.5):
            parts += ["", self._one(phrases.signature).replace("{name}", name)]
        if self._happens(0.25):
            parts += ["", self._one(phrases.disclaimer)]
        text, intent = "\n".join(parts), None
        if self._happens(0.4):
            history, intent = self._history(name)
            text += "\n" + history
        return Written(self._as_html(text) if self._happens(0.5) else text, intent)

    def _history(self, name: str) -> tuple[str, str]:
        """Return an answer above an earlier text, quoted as in a mail program, and its intent."""
        intent = self._one(list(self._quotable))
        earlier = self._one(self._quotable[intent])
        answer = self._one(self._phrases.agent)
        header = self._one(self._phrases.quote_header).format(name=name)
        is_marked, header = header.startswith("|"), header.lstrip("|")
        lines = [answer, "", self._one(self._phrases.agent_close), ""]
        lines += [header.splitlines()[0], earlier]
        marked = [f"> {line}" if is_marked else line for line in lines]
        return f"\n{header}\n" + "\n".join(marked), intent

    def _as_html(self, text: str) -> str:
        lines = [html.escape(line) for line in text.split("\n")]
        if self._happens(0.5):
            style = _STYLE
            body = "".join(f'<p class="MsoNormal">{line or "&nbsp;"}</p>' for line in lines)
        else:
            style, body = "", "".join(f"<div>{line or '<br>'}</div>" for line in lines)
        pixel = _PIXEL if self._happens(0.4) else ""
        head = f'<head><meta charset="utf-8">{style}</head>'
        return f"<html>{head}<body>{body}{pixel}</body></html>"

    def _one(self, choices: Sequence[str]) -> str:
        return choices[int(self._rng.integers(len(choices)))]

    def _happens(self, share: float) -> bool:
        return bool(self._rng.random() < share)
