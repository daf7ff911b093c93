"""A digest as Markdown, as an HTML mail and as a text for Slack.

The page's address stands before every path; without one, paths are shown in Markdown, and mail and
Slack have no links.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from html import escape

from nlp.digests import Digest, Quote
from nlp.jobs.digest.sections import Item, Section, sections, title

_MOST_QUOTED = 240
"""Characters of a quote."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_STYLES = {
    "body": "font: 15px/1.5 sans-serif; color: #222; max-width: 42em; margin: 1em auto",
    "h1": "font-size: 20px; margin: 0 0 .6em",
    "h2": "font-size: 16px; margin: 1.4em 0 .4em",
    "ul": "margin: 0; padding-left: 1.2em",
    "li": "margin: 0 0 .5em",
    "a": "color: #174ea6",
    "q": "display: block; margin: .2em 0 0; color: #555; quotes: none",
    "p": "margin: 0; color: #555",
}


def to_json(digest: Digest) -> str:
    """Return all figures of a digest as JSON."""
    return json.dumps(asdict(digest), default=str, ensure_ascii=False, indent=2)


def to_markdown(digest: Digest, *, page_url: str | None) -> str:
    """Return a digest to paste, with each sentence linked to its page."""
    base = page_url or ""
    lines = [f"# {_marked(title(digest))}"]
    for section in sections(digest):
        lines += ["", f"## {_marked(section.title)}", ""]
        if not section.items:
            lines.append(section.nothing)
        for item in section.items:
            lines.append(f"- [{_marked(item.text)}]({base}{item.path})")
            if item.note:
                lines.append(f"  {_marked(item.note)}")
            lines += [
                f"  - “{_marked(_short(q))}” ([message]({base}{path_of(q)}))" for q in item.quotes
            ]
    return "\n".join(lines) + "\n"


def to_html(digest: Digest, *, page_url: str | None) -> str:
    """Return a digest as a mail: styles inline, everything escaped, no remote content."""
    parts = [_tag("h1", escape(title(digest)))]
    for section in sections(digest):
        parts.append(_tag("h2", escape(section.title)))
        parts.append(_list(section, page_url) if section.items else _tag("p", section.nothing))
    return f'<div style="{_STYLES["body"]}">{"".join(parts)}</div>'


def to_slack(digest: Digest, *, page_url: str | None) -> str:
    """Return a digest in Slack's own markup."""
    lines = [f"*{escape(title(digest), quote=False)}*"]
    for section in sections(digest):
        lines += ["", f"*{escape(section.title, quote=False)}*"]
        lines += _slack_lines(section, page_url)
    return "\n".join(lines)


def path_of(quote: Quote) -> str:
    """Return the address of a quoted message on the page."""
    return f"/messages/{quote.message_id}"


def _list(section: Section, page_url: str | None) -> str:
    return _tag("ul", "".join(_tag("li", _item(item, page_url)) for item in section.items))


def _item(item: Item, page_url: str | None) -> str:
    note = _tag("p", escape(item.note)) if item.note else ""
    quotes = (_tag("q", _link(_short(q), path_of(q), page_url)) for q in item.quotes)
    return _link(item.text, item.path, page_url) + note + "".join(quotes)


def _link(text: str, path: str, page_url: str | None) -> str:
    if page_url is None:
        return escape(text)
    return f'<a style="{_STYLES["a"]}" href="{escape(page_url + path)}">{escape(text)}</a>'


def _tag(name: str, html: str) -> str:
    return f'<{name} style="{_STYLES[name]}">{html}</{name}>'


def _slack_lines(section: Section, page_url: str | None) -> Iterable[str]:
    if not section.items:
        yield escape(section.nothing, quote=False)
    for item in section.items:
        yield f"• {_slack_link(item.text, item.path, page_url)}"
        if item.note:
            yield f"   {escape(item.note, quote=False)}"
        for quote in item.quotes:
            yield f"> {_slack_link(_short(quote), path_of(quote), page_url)}"


def _slack_link(text: str, path: str, page_url: str | None) -> str:
    if page_url is None:
        return escape(text, quote=False)
    return f"<{page_url}{path}|{escape(text, quote=False).replace('|', '/')}>"


def _marked(text: str) -> str:
    """Text in which Markdown finds no markup."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _short(quote: Quote) -> str:
    words = " ".join(quote.text.split())
    return words if len(words) <= _MOST_QUOTED else f"{words[:_MOST_QUOTED].rstrip()}…"
