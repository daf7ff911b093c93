"""What most tasks load first, loaded once by the scheduler of a local Airflow.

The local executor forks its workers from the scheduler, and each task from a worker: a task has at
once what the scheduler has loaded, in memory that all of them share. Nothing here computes with
several threads, because they do not survive a fork.
"""

import importlib

_LIBRARIES = ("sentence_transformers", "umap", "hdbscan", "phonenumbers", "py3langid", "spacy")
"""What takes seconds to import; mlflow stays out, as only training needs it."""


def preload() -> None:
    """Import the heavy libraries, and read the lists of names."""
    for name in (*_LIBRARIES, "nlp.jobs.discover", "sql.connect"):
        importlib.import_module(name)
    from nlp.text.personal.lists import known_words

    known_words()
