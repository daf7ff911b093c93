"""Embed a day's sentences, predict the intents of its passages, assign these to topics."""

import datetime as dt
import time
import uuid
from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel

from nlp.crossings import crossing
from nlp.errors import ModelError
from nlp.intents.data import Inputs
from nlp.intents.model import load
from nlp.jobs.at_work import at_work
from nlp.jobs.record import record_run
from nlp.jobs.window import parts_of_day, read_window
from nlp.ports import Encoder, IntentStore, MessageStore, RunStore, TopicStore
from nlp.records import Assignment, Prediction, RunReport, Topic
from nlp.settings import Settings
from nlp.states import Abstention
from nlp.text.own import OwnText, own_text
from nlp.text.sentences import sentences
from nlp.topics.assign import Members, assign
from nlp.topics.config import topic_config


class TriageStore(MessageStore, TopicStore, IntentStore, RunStore, Protocol):
    """What triage reads and writes."""


@at_work
def embed_day(
    store: TriageStore,
    encoder: Encoder,
    day: dt.date,
    *,
    settings: Settings,
    shard: int = 0,
    n_shards: int = 1,
) -> RunReport:
    """Embed the distinct sentences of one shard of a day that have no embedding yet.

    A message of one sentence is one passage, which is embedded with it. A shard is stored
    completely or not at all, so that a retry encodes the same batch and gets the same bits.
    """
    started = time.perf_counter()
    messages = store.texts_of(first=day, last=day, languages=settings.languages)
    texts = [own_text(m.text[a:b]) for m in messages for a, b in sentences(m.text)]
    mine = [text for text in texts if uuid.UUID(text.text_hash).bytes[0] % n_shards == shard]
    counts = {"n_embedded": embed(store, encoder, mine)}
    return _report(store, f"embed:{shard}", day, counts, started, settings=settings)


def embed(store: MessageStore, encoder: Encoder, texts: Sequence[OwnText]) -> int:
    """Embed and store those of `texts` that have no embedding yet; return how many.

    They are encoded in the order of their hashes.
    """
    forms = {text.text_hash: text.embedded for text in texts}
    missing = sorted(store.unembedded(forms, encoder=encoder.name))
    if missing:
        vectors = encoder.encode([forms[text_hash] for text_hash in missing])
        store.save_embeddings(encoder=encoder.name, text_hashes=missing, embeddings=vectors)
        crossing(
            "embed.saved",
            "Embeddings are by text: those that are stored are not computed again.",
        )
    return len(missing)


@at_work
def predict_day(
    store: TriageStore, day: dt.date, *, encoder_name: str, settings: Settings
) -> RunReport:
    """Predict the intent of every passage of a day with the champion.

    Without a champion nothing is predicted. Raises ModelError where it needs another encoder.
    """
    started = time.perf_counter()
    champion = store.champion()
    if champion is None:
        return _report(store, "predict", day, {"n_predicted": 0}, started, settings=settings)
    model = load(champion[1])
    if model.encoder != encoder_name:
        raise ModelError(
            f"Model {model.version} reads embeddings of {model.encoder}, the settings say "
            f"{encoder_name}: train anew or set TRIAGE_ENCODER and TRIAGE_PRECISION back"
        )
    predictions: list[Prediction] = []
    for texts in parts_of_day(store, day, encoder_name=encoder_name, settings=settings):
        inputs = Inputs([own_text(t).embedded for t in texts.texts], texts.embeddings)
        threshold = settings.intent_threshold
        predictions += model.predict(texts.passage_ids, inputs, threshold=threshold)
    foreign = store.unsupported(day, languages=settings.languages)
    predictions += [
        Prediction(m, None, 0.0, (), abstained=True, reason=Abstention.UNSUPPORTED_LANGUAGE)
        for m in foreign
    ]
    store.save_predictions(day, model_version=model.version, predictions=predictions)
    crossing(
        "predict.saved",
        "The day's predictions of this version are whole, and are replaced as a whole.",
    )
    counts = {
        "n_predicted": len(predictions),
        "n_abstained": sum(p.abstained for p in predictions),
        "n_unsupported": len(foreign),
    }
    return _report(store, "predict", day, counts, started, settings=settings)


@at_work
def assign_day(
    store: TriageStore, day: dt.date, *, encoder_name: str, settings: Settings
) -> RunReport:
    """Assign every passage of a day to a topic of its eve, or to none."""
    started = time.perf_counter()
    config = topic_config(settings)
    topics = store.topics_on_eve(day)
    members = _members(store, day, topics, encoder_name=encoder_name, settings=settings)
    assignments: list[Assignment] = []
    messages: set[str] = set()
    for texts in parts_of_day(store, day, encoder_name=encoder_name, settings=settings):
        messages.update(texts.message_ids)
        assignments += assign(
            texts.passage_ids, texts.embeddings, topics=topics, members=members, config=config
        )
    foreign = store.unsupported(day, languages=settings.languages)
    counts = {
        "n_messages": len(messages),
        "n_passages": len(assignments),
        "n_assigned": sum(a.topic_id is not None for a in assignments),
        "n_unsupported": len(foreign),
    }
    store.save_assignments(day, assignments + [Assignment(m, None, 0.0) for m in foreign])
    crossing("assign.saved", "The day's assignments are whole, and are replaced as a whole.")
    return _report(store, "assign", day, counts, started, settings=settings, topics=config)


def _members(
    store: TriageStore,
    day: dt.date,
    topics: Sequence[Topic],
    *,
    encoder_name: str,
    settings: Settings,
) -> Members:
    """The passages of the window before `day` that have a topic; of a large one, a sample."""
    read = read_window(
        store,
        day,
        last=day - dt.timedelta(1),
        encoder_name=encoder_name,
        living={t.topic_id for t in topics},
        settings=settings,
    )
    rows = [n for n, topic in enumerate(read.topic_of) if topic is not None]
    return Members(read.texts.embeddings[rows], [t for t in read.topic_of if t is not None])


def _report(
    store: RunStore,
    job: str,
    day: dt.date,
    counts: dict[str, int],
    started: float,
    *,
    settings: Settings,
    **configs: BaseModel,
) -> RunReport:
    report = RunReport(job, day, counts, {"total": time.perf_counter() - started})
    return record_run(store, report, settings=settings, **configs)
