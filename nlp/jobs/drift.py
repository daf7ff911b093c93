"""Measure once a week how far messages, confidence and intents have moved."""

import datetime as dt
from dataclasses import replace

from nlp.crossings import crossing
from nlp.intents import drift
from nlp.jobs.triage import TriageStore
from nlp.records import Drift
from nlp.settings import Settings

_WEEK = dt.timedelta(7)
_BEFORE = dt.timedelta(28)
_LEAST = 50
"""With fewer messages on either side nothing is measured: chance alone would move the index."""


def measure_drift(
    store: TriageStore, day: dt.date, *, encoder_name: str, settings: Settings
) -> Drift:
    """Compare the week that ends on `day` with the four weeks before it, store and return it."""
    first, eve = day - _WEEK + dt.timedelta(1), day - _WEEK
    start = eve - _BEFORE + dt.timedelta(1)
    now = store.window(first=first, last=day, encoder=encoder_name, languages=settings.languages)
    past = store.window(first=start, last=eve, encoder=encoder_name, languages=settings.languages)
    n, n_before = len(set(now.message_ids)), len(set(past.message_ids))
    enough = min(n, n_before) >= _LEAST
    moved = drift.of_messages(past.embeddings, now.embeddings, seed=settings.seed) if enough else 0
    confidence = intents = None
    shares: dict[str, tuple[float, float]] = {}
    version = store.champion_version()
    if version is not None and enough:
        was = store.predictions(first=start, last=eve, model_version=version)
        is_now = store.predictions(first=first, last=day, model_version=version)
        if was and is_now:
            confidence = drift.of_confidence([p for *_, p in was], [p for *_, p in is_now])
            names = [i or "none" for _, i, _ in was], [i or "none" for _, i, _ in is_now]
            intents, shares = drift.of_shares(*names), drift.moved_shares(*names)
    measured = Drift(day, float(moved), confidence, intents, n, n_before, "", shares)
    measured = replace(measured, alert=_alert(measured, limit=settings.drift_limit))
    store.save_drift(measured)
    crossing("drift.saved", "A week has one row, which the next measurement replaces.")
    return measured


def measure_last_week(store: TriageStore, *, encoder_name: str, settings: Settings) -> Drift | None:
    """Measure the week that ends on the last discovered day; None before the first."""
    days = store.days_discovered(before=dt.date.max)
    if not days:
        return None
    return measure_drift(store, max(days), encoder_name=encoder_name, settings=settings)


def _alert(measured: Drift, *, limit: float) -> str:
    parts = {
        "messages": measured.messages,
        "confidence": measured.confidence,
        "shares of intents": measured.intents,
    }
    moved = [f"{name} {value:.2f}" for name, value in parts.items() if value and value > limit]
    if not moved:
        return ""
    return (
        f"The week to {measured.day} moved away from the four before it: {', '.join(moved)} "
        f"(stability index, limit {limit:g}). Look at the new themes; label and retrain"
    )
