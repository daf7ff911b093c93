"""What people decide: each route does one thing, once, and leads back with an undo."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, RedirectResponse, Response

from nlp.errors import DecisionError
from sql.queries import theme
from sql.stores.decisions import alert, correct, decide, part, split, undo
from triage_page import guard
from triage_page.asked import Form, field, message_id, topic_id
from triage_page.database import Db

router = APIRouter(dependencies=guard.writes)


@router.post("/themes/{topic}/rename")
def rename(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Give a theme another name: fields `label`, `seen`."""
    name = topic_id(topic)
    number = decide.rename(
        db, name, field(form, "label", "") or "", actor=actor, seen=field(form, "seen")
    )
    return _back(request, form, f"/themes/{name}", number)


@router.post("/themes/{topic}/merge")
def merge(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Merge a theme into another: fields `heir` (name or id), `seen`."""
    heir = _theme(db, field(form, "heir"))
    if heir is None:
        raise DecisionError("Choose the theme to merge into")
    number = decide.merge(db, topic_id(topic), heir, actor=actor, seen=field(form, "seen"))
    return _back(request, form, f"/themes/{heir}", number)


@router.post("/themes/{topic}/part")
def part_again(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Bring a theme back that a run merged into another: field `seen`."""
    name = topic_id(topic)
    number, _heir = part.part(db, name, actor=actor, seen=field(form, "seen"))
    return _back(request, form, f"/themes/{name}", number)


@router.post("/themes/{topic}/split")
def split_off(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Make messages a theme of their own: fields `message` (several), `label`, `seen`."""
    number, child = split.split(
        db,
        topic_id(topic),
        [message_id(str(m)) for m in form.get("message", ())],
        field(form, "label", "") or "",
        actor=actor,
        seen=field(form, "seen"),
    )
    return _back(request, form, f"/themes/{child}", number)


@router.post("/themes/{topic}/mute")
def mute(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """No more alerts about a theme: field `seen`."""
    name = topic_id(topic)
    number = decide.mute(db, name, muted=True, actor=actor, seen=field(form, "seen"))
    return _back(request, form, f"/themes/{name}", number)


@router.post("/themes/{topic}/unmute")
def unmute(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Alerts about a theme again: field `seen`."""
    name = topic_id(topic)
    number = decide.mute(db, name, muted=False, actor=actor, seen=field(form, "seen"))
    return _back(request, form, f"/themes/{name}", number)


@router.post("/themes/{topic}/promote")
def promote(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Make a theme an intent: fields `intent`, `description`, `seen`."""
    name = topic_id(topic)
    number = decide.promote(
        db,
        name,
        field(form, "intent", "") or "",
        description=field(form, "description", "") or "",
        actor=actor,
        seen=field(form, "seen"),
    )
    return _back(request, form, f"/themes/{name}", number)


@router.post("/themes/{topic}/note")
def note(request: Request, topic: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Write something down about a theme: field `note`."""
    name = topic_id(topic)
    number = decide.note(db, name, field(form, "note", "") or "", actor=actor)
    return _back(request, form, f"/themes/{name}", number)


@router.post("/messages/{message}/correct")
def correct_message(
    request: Request, message: str, form: Form, db: Db, actor: guard.Actor
) -> Response:
    """Say what a message's intent or theme really is: fields `intent`, `theme`, `seen`."""
    name = message_id(message)
    number = correct.correct(
        db,
        name,
        intent=field(form, "intent") or None,
        topic_id=_theme(db, field(form, "theme")),
        actor=actor,
        seen=field(form, "seen"),
    )
    return _back(request, form, f"/messages/{name}", number)


@router.post("/alerts/handle")
def handle_alert(request: Request, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Acknowledge, resolve or open an alert: fields `alert`, `status`, `seen` (its status)."""
    number = alert.handle(
        db,
        field(form, "alert", "") or "",
        field(form, "status", "") or "",
        actor=actor,
        seen=field(form, "seen"),
    )
    return _back(request, form, "/", number)


@router.post("/undo/{number}")
def take_back(request: Request, number: str, form: Form, db: Db, actor: guard.Actor) -> Response:
    """Make it as it was before a decision."""
    wanted = topic_id(number)
    row = undo.undo(db, wanted, actor=actor)
    where = f"/themes/{row['topic_id']}" if row["topic_id"] else "/"
    if row["message_id"]:
        where = f"/messages/{row['message_id']}"
    return _back(request, form, where, wanted)


def _theme(db: Connection, told: str | None) -> int | None:
    """The theme that a person chose by name, by number, or as `name · number` from the list."""
    told = (told or "").strip()
    last = told.rsplit(" ", 1)[-1]
    if not told or (last.isascii() and last.isdigit() and len(last) >= 9):
        return topic_id(last) if told else None
    if (found := theme.named(db, told)) is None:
        raise DecisionError(f"No theme is called {told[:80]!r}. Choose one of the list")
    return found


def _back(request: Request, form: Any, default: str, number: int) -> Response:
    """Lead to the page that the person came from or to the thing; a script gets the number."""
    root = request.scope.get("root_path", "")
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"decision": number})
    wanted = field(form, "back") or ""
    parts = urlsplit(wanted)
    inside = parts.path.startswith(f"{root}/") and not parts.scheme and not parts.netloc
    path = parts.path if inside else f"{root}{default}"
    kept = [p for p in parts.query.split("&") if p and not p.startswith(("done=", "propose="))]
    query = "&".join([*(kept if inside else []), urlencode({"done": number})])
    return RedirectResponse(f"{path}?{query}", 303)
