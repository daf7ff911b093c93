"""Promises of `nlp.text.zones` on HTML, transfer encodings, pictures and mojibake."""

import base64

import pytest

from nlp.states import Zone
from nlp.text.zones import own_words, zones_of

OWN = "The kettle leaks at the base."
PICTURE = base64.b64encode(bytes(range(256)) * 8).decode()
WRAPPED = "\n".join(PICTURE[i : i + 76] for i in range(0, len(PICTURE), 76))

HTML = [
    f"<p>{OWN}</p>",
    f"{OWN}<br>",
    f"<!DOCTYPE html><html><head><title>Re</title><style>p {{color: red}}</style></head><body>{OWN}",
    f"<div>{OWN}</div><script>alert('x')</script><!-- note --><img src='http://x.example/o.gif' width=1>",
    f"<!--[if mso]><table><tr><td>gap</td></tr></table><![endif]--><p class=MsoNormal>{OWN}<o:p></o:p></p>",
    f"<div style='display:none;max-height:0'>Preview of this mail</div><div>{OWN}</div>",
    f"<div>{OWN}</div><blockquote type='cite'><div>What leaks?</div></blockquote>",
    (
        f"<div>{OWN}</div><div class='gmail_quote'><div class='gmail_attr'>On Fri, Ann wrote:<br></div>"
        "<blockquote class='gmail_quote'>What leaks?</blockquote></div>"
    ),
    f"<div>{OWN}</div><div class='gmail_quote'>What leaks?</div>",
    f"<div>{OWN}</div><div id='yahoo_quoted_12' class='yahoo_quoted'><div>What leaks?</div></div>",
    (
        f"<div>{OWN}</div><div class='moz-cite-prefix'>Le 06/02/2026, Ann a écrit :</div>"
        "<blockquote type='cite'>Quoi ?</blockquote>"
    ),
    f"<div>{OWN}</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b> Ann</div><p>What?</p>",
    (
        f"<div>{OWN}</div><div style='border-top:solid 1pt'><p><b>From:</b> Ann &lt;a@b.example&gt;<br>"
        "<b>Sent:</b> 6 February 2026<br><b>To:</b> Me<br><b>Subject:</b> Kettle</p></div><p>What?</p>"
    ),
    f"<div>{OWN}</div><div class='gmail_signature'>Ann Poole<br>Poole and Sons, kitchens of all kinds</div>",
    f"<div>{OWN}</div><pre class='moz-signature'>-- \nAnn, who sells kitchens of all kinds</pre>",
    "<P>The kettle&nbsp;leaks at <B>the base</B>.</P>",
    "The kettle leaks at <b>the base</b>.",
]
NOT_HTML = [
    "I <3 your shop but the kettle leaks",
    "If a < b and b > c then the page fails",
    "My card <CARD> and my address <EMAIL> are wrong",
    "The file has <order><id>5</id></order> in it and is refused",
    "Write to Ann <ann@poole.example> please",
]


@pytest.mark.parametrize("html", HTML)
def test_html_becomes_its_readable_own_words(html: str) -> None:
    """Markup, hidden text, and quotes and signatures marked in HTML are not own words."""
    assert own_words(zones_of(html)) == OWN


@pytest.mark.parametrize("text", NOT_HTML)
def test_angle_brackets_alone_are_not_html(text: str) -> None:
    """A heart, a comparison, a placeholder and XML stay unchanged."""
    assert own_words(zones_of(text)) == text


def test_blocks_lists_and_cells_stay_readable() -> None:
    """Paragraphs, list items and table cells do not run together."""
    html = "<p>Two things:</p><ul><li>it leaks</li><li>the lid</li></ul><table><tr><td>No</td><td>5</td></tr></table>"
    assert own_words(zones_of(html)) == "Two things:\n\nit leaks\nthe lid\n\nNo 5"


def test_answers_between_html_quotes_are_own() -> None:
    """An answer between two quotes of a Gmail reply is own words."""
    html = "<div class='gmail_quote'><blockquote>What?</blockquote><div>The base.</div><blockquote>When?</blockquote></div>"
    assert own_words(zones_of(html)) == "The base."


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (f"{OWN}\n<img src=\"data:image/png;base64,{PICTURE}\">\nSee it.", f"{OWN}\n[image]\nSee it."),
        (f"{OWN}\ndata:image/png;base64,{WRAPPED}\nSee it.", f"{OWN}\n[image]\nSee it."),
        (f"{OWN}\n![shot](data:image/jpeg;base64,{PICTURE}) See it.", f"{OWN}\n[image] See it."),
        (f"{OWN}\n\n{WRAPPED}\n\nSee it.", f"{OWN}\n\n[attachment]\n\nSee it."),
        ("The caf=C3=A9 kettle leaks at the very base of it, and I would like to know w=\nhy.",
         "The café kettle leaks at the very base of it, and I would like to know why."),
        ((f"--b0undary42\nContent-Type: text/plain; charset=utf-8\n\n{OWN}\n--b0undary42\n"
         f"Content-Type: text/html\n\n<p>{OWN}</p>\n--b0undary42--"), OWN),
        (("--b0undary42\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
         f"{base64.b64encode(OWN.encode()).decode()}\n--b0undary42--"), OWN),
        ("The cafÃ© kettle costs 20 â‚¬", "The café kettle costs 20 €"),
    ],
)  # fmt: skip
def test_encodings_are_mended(text: str, own: str) -> None:
    """Pictures become a word; quoted-printable, MIME parts and mojibake are decoded."""
    assert own_words(zones_of(text)) == own


@pytest.mark.parametrize(
    "text",
    [
        "The link https://x.example/?a=20&b=3F fails",
        "“Quoted” café – naïve €5",
        "a=b and c=d",
        "x = 3D printer",
        "A" * 500,
    ],
)
def test_what_only_resembles_an_encoding_stays(text: str) -> None:
    """Query strings, typographic quotes and long words are left alone."""
    assert zones_of(text) == ((zones_of(text)[0].__class__)(Zone.OWN, text),)
