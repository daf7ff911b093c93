"""The embedding of a search query, from `triage serve` if it runs."""

import logging

import httpx

from nlp.settings import Settings

_SECONDS = 2.0
_log = logging.getLogger(__name__)


def embed(words: str, settings: Settings) -> list[float] | None:
    """Return the embedding of `words`, or None where the service is not set up or fails."""
    if not settings.serve_url:
        return None
    token = settings.bearer_token()
    try:
        answer = httpx.post(
            f"{settings.serve_url.rstrip('/')}/v1/embed",
            json={"texts": [words]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=_SECONDS,
            trust_env=False,
        )
        answer.raise_for_status()
        return [float(v) for v in answer.json()["embeddings"][0]]
    except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
        _log.warning("triage serve does not embed a query: %s", type(error).__name__)
        return None
