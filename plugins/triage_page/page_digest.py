"""The digest of a week."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from nlp.jobs.digest.build import build_digest
from nlp.jobs.digest.sections import sections, title, without_quotes
from sql.queries.digest import DigestTables
from triage_page import frame, guard, reads
from triage_page.contexts import DigestPage
from triage_page.database import Db

router = APIRouter()
_WEEK = dt.timedelta(7)
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)


@router.get("/digest")
def digest(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    day: Annotated[dt.date | None, Query(ge=_FIRST, le=_LAST)] = None,
) -> Response:
    """What a week brought, to read, print or send."""
    settings = request.app.state.database.settings
    built = build_digest(DigestTables(db), day or last, settings=settings)
    shown = sections(built)
    if guard.may_read_texts(user):
        n = sum(len(item.quotes) for section in shown for item in section.items)
        reads.note(db, request, what="digest", actor=str(user.get_name()), n=n)
    else:
        shown = without_quotes(shown)
    context = DigestPage(
        title=title(built),
        sections=shown,
        before=built.day - _WEEK,
        after=min(built.day + _WEEK, last) if built.day < last else None,
    )
    return frame.page(request, context, user=user, db=db)
