"""Notify people of a failed task or an alert: in the log, and by Slack and e-mail if set up."""

import datetime as dt
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from html import escape
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from nlp.errors import TriageError
from nlp.records import AlertNotice

if TYPE_CHECKING:
    from nlp.settings import Settings
    from sql.connect import PostgresStore

_log = logging.getLogger(__name__)

SLACK = "triage_slack"
"""Connection of type `slackwebhook`; without it nothing is posted."""
SMTP = "triage_smtp"
"""Connection of type `smtp` with `from_email` and `to` (comma-separated) in its extra."""
WEBHOOK = "triage_webhook"
"""Connection of type `http`: the address as its host, the secret to sign with as its password."""
_SECONDS = 30
"""How long a receiver may take."""


class FailureNotifier(BaseNotifier):
    """Sends one notice per failed task to every channel that has a connection."""

    def notify(self, context: Any) -> None:
        """Log the notice and send it; a channel that fails is logged and does not stop another."""
        notice = notice_of(context)
        self.log.error("%s", notice)
        send_notice(notice, subject=notice.split(" (run", 1)[0])


def send_notice(notice: str, *, subject: str) -> None:
    """Send a notice to every channel that has a connection; a failure does not stop another."""
    for send in (_say_in_slack, _send_email):
        try:
            send(notice, subject)
        except AirflowNotFoundException:
            continue
        except Exception as error:
            _log.error("The notice was not sent: %s", type(error).__name__)


def channels(*, quotes: bool = True) -> dict[str, Callable[[AlertNotice], None]]:
    """The channels that have a connection, and the log: each takes an alert, and may raise.

    Without `quotes` no word of a message is sent.
    """
    sends = {SLACK: _alert_to_slack, SMTP: _alert_by_mail, WEBHOOK: _alert_to_webhook}
    return {"log": _alert_to_log} | {
        name: send if quotes else _without_quotes(send)
        for name, send in sends.items()
        if _has(name)
    }


def _without_quotes(send: Callable[[AlertNotice], None]) -> Callable[[AlertNotice], None]:
    return lambda alert: send(replace(alert, exemplars=()))


def _has(connection: str) -> bool:
    try:
        Connection.get(connection)
    except AirflowNotFoundException:
        return False
    return True


def _alert_to_log(alert: AlertNotice) -> None:
    """The log contains no words of a customer, not even redacted."""
    _log.warning("%s", alert.sentence)


def _alert_to_slack(alert: AlertNotice) -> None:
    names = " ".join(f"@{name}" for name, _ in alert.subscribers)
    _say_in_slack("\n".join(filter(None, [_with_quotes(alert), names])), "")


def _alert_by_mail(alert: AlertNotice) -> None:
    addresses = dict.fromkeys(address for _, address in alert.subscribers if address)
    _send_email(_with_quotes(alert), alert.sentence, also=addresses)


def _alert_to_webhook(alert: AlertNotice) -> None:
    """Post an alert as JSON, signed with the password of the connection.

    The signature is the HMAC-SHA256 of the time, a dot and the body, in hexadecimal. The receiver
    can drop a repetition by the idempotency key. Raises TriageError where there is no password.
    """
    import httpx

    to = Connection.get(WEBHOOK)
    if not to.password:
        raise TriageError(f"The connection {WEBHOOK} has no password to sign with: set one")
    body, now = json.dumps(_fields(alert)).encode(), str(int(time.time()))
    signed = hmac.new(to.password.encode(), f"{now}.".encode() + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": alert.alert_id,
        "X-Triage-Signature": f"t={now},v1={signed.hexdigest()}",
    }
    url = to.host if "://" in (to.host or "") else f"{to.schema or 'https'}://{to.host}"
    response = httpx.post(url, content=body, headers=headers, timeout=_SECONDS)
    if not response.is_success:
        raise TriageError(f"The receiver of {WEBHOOK} answered {response.status_code}")


def _fields(alert: AlertNotice) -> dict[str, Any]:
    """What a receiver gets: as in the view `triage.theme_alerts`, with texts that show it."""
    segment = None if alert.segment is None else asdict(alert.segment)
    return {
        "alert_id": alert.alert_id,
        "day": alert.day.isoformat(),
        "kind": str(alert.kind),
        "theme": alert.label,
        "observed": alert.observed,
        "expected": alert.expected,
        "severity": str(alert.severity),
        "n_customers": alert.n_customers,
        "segment": segment,
        "sentence": alert.sentence,
        "exemplars": list(alert.exemplars),
        "subscribers": [name for name, _ in alert.subscribers],
    }


def _with_quotes(alert: AlertNotice) -> str:
    quotes = "".join(f"\n> {' '.join(text.split())[:200]}" for text in alert.exemplars)
    return f"{alert.sentence} ({alert.severity}){quotes}"


def digest_channels() -> list[str]:
    """Return the connections that a digest is sent by."""
    return [name for name in (SLACK, SMTP) if _has(name)]


def send_digest(store: "PostgresStore", day: dt.date, *, settings: "Settings") -> list[str]:
    """Send the digest of the week to `day` on each channel once; return those that got it now.

    Raises DayOrderError where the day is not discovered yet, and the error of a channel that fails
    after the other has it.
    """
    from nlp.errors import DayOrderError
    from nlp.jobs.digest import render, sections
    from nlp.jobs.digest.build import build_digest
    from sql.queries.digest import DigestTables, WithoutQuotes

    with store.engine.connect() as connection:
        tables = (DigestTables if settings.send_quotes else WithoutQuotes)(connection)
        if (tables.last_day() or dt.date.min) < day:
            raise DayOrderError(f"{day} is not discovered yet, so that its week has no digest")
        digest = build_digest(tables, day, settings=settings)
    title, page_url = sections.title(digest), settings.page_url
    sends = {
        SLACK: lambda: _post_to_slack(render.to_slack(digest, page_url=page_url), title),
        SMTP: lambda: _send_html(render.to_html(digest, page_url=page_url), title),
    }
    sent, errors = [], []
    for channel in digest_channels():
        try:
            if store.send_digest(day, channel, sends[channel]):
                sent.append(channel)
        except Exception as error:
            _log.error("The digest was not sent by %s: %s", channel, type(error).__name__)
            errors.append(error)
    if errors:
        raise errors[0]
    return sent


def notice_of(context: Any) -> str:
    """Return what failed and why, for a person.

    Errors of this project never contain a message's text, so they are quoted. Of any other error
    only the type is given, because a library may quote the text that it failed on.
    """
    ti, run = context["ti"], context["dag_run"]
    error = context.get("exception")
    reason = f"{type(error).__name__}: {error}" if isinstance(error, TriageError) else _kind(error)
    index = f"[{ti.map_index}]" if getattr(ti, "map_index", -1) >= 0 else ""
    return (
        f"{ti.dag_id}.{ti.task_id}{index} failed for day {run.partition_key} "
        f"(run {run.run_id}, try {ti.try_number}). {reason}"
    )


def _kind(error: object) -> str:
    if error is None:
        return "The task was killed or lost."
    return f"{type(error).__name__}; see its log."


def _say_in_slack(notice: str, subject: str) -> None:
    """Post words as they are: what a customer wrote is no markup and calls nobody.

    A line that begins with `> ` stays a quotation.
    """
    lines = [
        ("> ", line[2:]) if line.startswith("> ") else ("", line) for line in notice.split("\n")
    ]
    _post_to_slack("\n".join(mark + escape(line, quote=False) for mark, line in lines), subject)


def _post_to_slack(notice: str, subject: str) -> None:
    del subject
    Connection.get(SLACK)
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    SlackWebhookHook(slack_webhook_conn_id=SLACK).send(text=notice)


def _send_email(notice: str, subject: str, also: Iterable[str] = ()) -> None:
    _send_html(f"<p>{escape(notice).replace(chr(10), '<br>')}</p>", subject, also=also)


def _send_html(html: str, subject: str, also: Iterable[str] = ()) -> None:
    listed = Connection.get(SMTP).extra_dejson["to"].split(",")
    to = dict.fromkeys([*(address.strip() for address in listed), *also])
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=SMTP) as smtp:
        smtp.send_email_smtp(to=list(to), subject=subject, html_content=html)
