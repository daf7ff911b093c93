"""Notify people of a failed task or an alert: in the log, and by Slack and e-mail if set up."""

import datetime as dt
import logging
from collections.abc import Collection
from contextlib import suppress
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


class FailureNotifier(BaseNotifier):
    """Sends one notice per failed task to every channel that has a connection."""

    def notify(self, context: Any) -> None:
        """Log the notice and send it; a channel that fails is logged and does not stop another."""
        notice = notice_of(context)
        self.log.error("%s", notice)
        send_notice(notice, subject=notice.split(" (run", 1)[0])


def send_notice(notice: str, *, subject: str) -> None:
    """Send a notice to every channel that has a connection; a failure does not stop another."""
    for send in (_post_to_slack, _send_email):
        try:
            send(notice, subject)
        except AirflowNotFoundException:
            continue
        except Exception as error:
            _log.error("The notice was not sent: %s", type(error).__name__)


def send_alert(alert: AlertNotice) -> None:
    """Log an alert and send it with its exemplars to every channel that has a connection.

    The log contains no words of a customer, not even redacted. Raises the error of a channel: the
    task is then retried for this alert and those after it.
    """
    _log.warning("%s", alert.sentence)
    quotes = "".join(f"\n> {' '.join(text.split())[:200]}" for text in alert.exemplars)
    for send in (_post_to_slack, _send_email):
        with suppress(AirflowNotFoundException):
            send(f"{alert.sentence} ({alert.severity}){quotes}", alert.sentence)


def digest_channels() -> list[str]:
    """Return the channels that have a connection: `slack`, `email`."""
    channels = []
    for channel, name in (("slack", SLACK), ("email", SMTP)):
        with suppress(AirflowNotFoundException):
            Connection.get(name)
            channels.append(channel)
    return channels


def send_digest(
    store: "PostgresStore", day: dt.date, *, channels: Collection[str], settings: "Settings"
) -> list[str]:
    """Send the digest of the week to `day` to each channel once; return those that got it now.

    Raises DayOrderError where the day is not discovered yet, and the error of a channel that fails
    after the others have it.
    """
    from nlp.errors import DayOrderError
    from nlp.jobs.digest import render, sections
    from nlp.jobs.digest.build import build_digest
    from sql.queries.digest import DigestTables

    with store.engine.connect() as connection:
        tables = DigestTables(connection)
        if (tables.last_day() or dt.date.min) < day:
            raise DayOrderError(f"{day} is not discovered yet, so that its week has no digest")
        digest = build_digest(tables, day, settings=settings)
    title, page_url = sections.title(digest), settings.page_url
    sends = {
        "slack": lambda: _post_to_slack(render.to_slack(digest, page_url=page_url), title),
        "email": lambda: _send_html(render.to_html(digest, page_url=page_url), title),
    }
    sent, failed = [], None
    for channel in channels:
        try:
            if store.send_digest(day, channel, sends[channel]):
                sent.append(channel)
        except Exception as error:  # the other channel still gets it
            _log.error("The digest was not sent by %s: %s", channel, type(error).__name__)
            failed = error
    if failed is not None:
        raise failed
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


def _post_to_slack(notice: str, subject: str) -> None:
    del subject
    Connection.get(SLACK)
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    SlackWebhookHook(slack_webhook_conn_id=SLACK).send(text=notice)


def _send_email(notice: str, subject: str) -> None:
    _send_html(f"<p>{escape(notice).replace(chr(10), '<br>')}</p>", subject)


def _send_html(html: str, subject: str) -> None:
    to = Connection.get(SMTP).extra_dejson["to"]
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=SMTP) as smtp:
        smtp.send_email_smtp(
            to=[address.strip() for address in to.split(",")],
            subject=subject,
            html_content=html,
        )
