"""The HTML of mail programs."""

import html
import re
from dataclasses import dataclass

from nlp.apps.sample.mail.programs import Turn, introduction

_HEADER = re.compile(r"(?m)^(From|Sent|To|Subject):")


@dataclass(frozen=True, slots=True)
class _Markup:
    """What one program puts around a mail, its lines, its signature and what it quotes."""

    start: str
    end: str
    line: str
    blank: str
    signature: str
    quote: str
    """With `{head}`, the introduction, and `{body}`, the earlier mail."""


_MARKUP = {
    "gmail": _Markup(
        start='<div dir="ltr">',
        end="</div>",
        line="<div>{}</div>",
        blank="<div><br></div>",
        signature='<div><br></div><div dir="ltr" class="gmail_signature">{}</div>',
        quote='<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        '{head}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        'border-left:1px solid rgb(204,204,204);padding-left:1ex">{body}</blockquote></div>',
    ),
    "outlook": _Markup(
        start='<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n<style><!--\n'
        "p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri,sans-serif;}\n"
        "a:link {color:#0563C1; text-decoration:underline;}\n@page WordSection1 {size:612.0pt "
        '792.0pt;}\n--></style></head><body lang="EN-GB" link="#0563C1">'
        '<div class="WordSection1">\n',
        end="</div></body></html>",
        line='<p class="MsoNormal">{}<o:p></o:p></p>\n',
        blank='<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n',
        signature='<p class="MsoNormal"><span style="color:#1F3864">{}<o:p></o:p></span></p>\n',
        quote='<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm '
        '0cm">\n<p class="MsoNormal">{head}<o:p></o:p></p></div></div>\n{body}',
    ),
    "phone": _Markup(
        start='<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8">'
        '</head><body dir="auto">',
        end="</body></html>",
        line='<div dir="ltr">{}</div>',
        blank='<div dir="ltr"><br></div>',
        signature='<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{}</div>',
        quote='<div dir="ltr"><br><blockquote type="cite">{head}<br><br></blockquote></div>'
        '<blockquote type="cite"><div dir="ltr">{body}</div></blockquote>',
    ),
    "thunderbird": _Markup(
        start='<!DOCTYPE html>\n<html>\n<head>\n<meta http-equiv="content-type" content="text/html;'
        ' charset=UTF-8">\n</head>\n<body text="#000000" bgcolor="#FFFFFF">\n',
        end="\n</body>\n</html>\n",
        line="<p>{}</p>\n",
        blank="",
        signature='<pre class="moz-signature" cols="72">{}</pre>\n',
        quote='<div class="moz-cite-prefix">{head}<br>\n</div>\n'
        '<blockquote type="cite">\n{body}</blockquote>\n',
    ),
    "webmail": _Markup(
        start='<html><head></head><body><div class="ydp7a1 yahoo-style-wrap" style="font-family:'
        'Helvetica Neue, Helvetica, Arial, sans-serif;font-size:13px;">',
        end="</div></body></html>",
        line='<div dir="ltr" data-setdir="false">{}</div>',
        blank='<div dir="ltr" data-setdir="false"><br></div>',
        signature='<div><br></div><div class="ydp7a1signature">{}</div>',
        quote='<div><br></div><div id="yahoo_quoted_41" class="yahoo_quoted"><div>{head}</div>'
        "<div><br></div><div>{body}</div></div>",
    ),
    "helpdesk": _Markup(
        start='<html><body><div style="color:#b5b5b5;">##- Please type your answer above this line '
        '-##</div><div class="comment" dir="auto">',
        end='</div><img src="https://larkfield.example/seen.gif" width="1" height="1" alt="">'
        "</body></html>",
        line='<p dir="auto">{}</p>',
        blank="",
        signature='<p style="color:#888888">{}</p>',
        quote='<hr><p>{head}</p><div class="quoted">{body}</div>',
    ),
}


def document(turn: Turn) -> str:
    """Return a mail as its program writes HTML, with the earlier ones quoted."""
    markup = _MARKUP[turn.program.name]
    return f"{markup.start}{_content(turn)}{markup.end}"


def is_html(text: str) -> bool:
    """Return whether a text is one of the documents of this module."""
    return text.startswith(tuple(markup.start for markup in _MARKUP.values()))


def _content(turn: Turn) -> str:
    markup = _MARKUP[turn.program.name]
    blocks = (*turn.blocks, turn.disclaimer) if not turn.signature else turn.blocks
    written = markup.blank.join(_lines(block, markup) for block in blocks if block)
    if turn.signature:
        written += markup.signature.format(_broken(turn.signature))
        written += _lines(turn.disclaimer, markup) if turn.disclaimer else ""
    if turn.earlier is None:
        return written
    head = _HEADER.sub(r"<b>\1:</b>", _broken(introduction(turn.program, turn.earlier).strip()))
    return written + markup.quote.format(head=head, body=_content(turn.earlier))


def _lines(block: str, markup: _Markup) -> str:
    return "".join(markup.line.format(html.escape(line, quote=False)) for line in block.split("\n"))


def _broken(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>\n")
