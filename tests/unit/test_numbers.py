"""The tuned numbers: how many there are, and that each is recorded."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
from pydantic import BaseModel

import nlp
from nlp.intents.config import DEFAULT as INTENTS
from nlp.intents.config import intent_config
from nlp.settings import load
from nlp.text.config import text_config
from nlp.topics.config import FROM_SETTINGS, topic_config
from nlp.topics.words.config import word_config

_MOST = 40
"""Above this nobody knows what each of them does."""


def _configs() -> list[type[BaseModel]]:
    """All configs of the project: models by name."""
    modules = [importlib.import_module(m.name) for m in _modules()]
    return sorted(
        {
            value
            for module in modules
            for name, value in vars(module).items()
            if name.endswith("Config")
            and isinstance(value, type)
            and issubclass(value, BaseModel)
            and value.__module__ == module.__name__
        },
        key=lambda config: config.__name__,
    )


def _modules() -> list[pkgutil.ModuleInfo]:
    return [m for m in pkgutil.walk_packages(nlp.__path__, "nlp.") if "__main__" not in m.name]


def _numbers(config: type[BaseModel]) -> list[str]:
    """The numbers of a config that have no setting of their own."""
    return [
        f"{config.__name__}.{name}"
        for name, field in config.model_fields.items()
        if isinstance(field.default, int | float)
        and not isinstance(field.default, bool)
        and name not in FROM_SETTINGS
    ]


def test_there_are_few_tuned_numbers() -> None:
    """To add one to the configs, remove another one."""
    numbers = [number for config in _configs() for number in _numbers(config)]
    assert "TopicConfig.mixing" in numbers
    assert len(numbers) <= _MOST, f"{len(numbers)} numbers: {', '.join(numbers)}"


def test_a_config_is_frozen_and_knows_its_fields() -> None:
    """A run records the numbers it ran with, and a wrong name is an error."""
    for config in _configs():
        assert config.model_config.get("frozen"), config.__name__
        assert config.model_config.get("extra") == "forbid", config.__name__


_FIXED = {
    "nlp/text": {"N_TOKENS", "WORTH", "_AFTER", "_BEFORE", "_BEGINNING", "_FEWEST",
                 "_FEWEST_BIRTHS", "_FEW_CHARS", "_FEW_PASSES", "_HALF", "_INTRODUCTION",
                 "_LONGEST", "_LONGEST_PHRASE", "_LONGEST_TAIL", "_LONGEST_WORD", "_MANY_DIGITS",
                 "_MANY_GROUPS", "_MAX_ATTRIBUTES", "_MAX_DIGITS", "_MAX_GAP", "_MAX_GROUPS",
                 "_MIN_INTERNATIONAL", "_MIN_NATIONAL", "_MOST", "_N_ROUNDS", "_SECONDS",
                 "_SENTENCE", "_SHORT", "_TURNS", "_ZERO"},
    "nlp/topics": {"LEVEL", "MAX_LABEL", "MAX_NOTE", "MAX_PICKED", "MIN_PICKED", "N_AHEAD",
                   "N_PAST", "_BLOCK", "_FALSE", "_FEWEST_FOR_UMAP", "_FIRST_COUNT", "_KNOWN_SHARE",
                   "_LEAST_PRIOR", "_LEAST_REACH", "_MAX_CHARS", "_MAX_WORDS", "_MOST_DAYS",
                   "_N_NEGATIVES", "_N_ROUNDS", "_N_SHUFFLES", "_RADIUS_PERCENTILE", "_ROUNDS",
                   "_SURE"},
    "nlp/intents": {"FORMAT", "MAX_INTENT", "_ALIKE", "_BLOCK", "_ECE_SLACK", "_FAST_ENOUGH",
                    "_FEWEST", "_FLOOR", "_FREQUENT", "_LEAST", "_MANY", "_MOST", "_MOST_TOLD",
                    "_NEAR", "_NET_LOSS", "_N_BINS", "_N_FOLDS", "_N_GROUPS", "_N_ROUNDS",
                    "_N_RUNNERS_UP", "_OVERLAP", "_REFITTED", "_RIVAL", "_SAME", "_SIGNIFICANT",
                    "_SLOWER"},
}  # fmt: skip
"""What is fixed in the code: sizes of blocks, limits of forms and formats, rounds that converge,
and the rules of the gate and of the checks of examples. A new one is named here or in a config."""


@pytest.mark.parametrize("room", sorted(_FIXED))
def test_no_number_hides_in_a_module(room: str) -> None:
    """A number that shapes a result stands in a config, where it is recorded and can be varied."""
    project = Path(__file__).parents[2]
    names = {
        target.id
        for file in (project / room).rglob("*.py")
        for line in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(line, ast.Assign) and _is_number(line.value)
        for target in ast.walk(line.targets[0])
        if isinstance(target, ast.Name)
    }
    assert names == _FIXED[room]


def _is_number(value: ast.expr) -> bool:
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return any(isinstance(p, ast.Constant) and type(p.value) in (int, float) for p in parts)


@pytest.mark.parametrize(
    ("key", "number", "value"),
    [
        ("topics", "mixing", 0.3),
        ("words", "n_keywords", 10),
        ("intents", "ridge", 0.2),
        ("text", "least_share", 0.4),
    ],
)
def test_a_setting_changes_a_number(key: str, number: str, value: float) -> None:
    """What `TRIAGE_TOPICS` and its siblings say is what a run works with, and what it records."""
    of_key = {"topics": topic_config, "words": word_config, "intents": intent_config,
              "text": text_config}  # fmt: skip
    settings = load(**{key: {number: value}}, _env_file=None)
    config = of_key[key](settings)
    assert getattr(config, number) == value
    assert settings.record()[key] == {number: value}


def test_defaults_hold_where_nothing_is_set() -> None:
    """An empty setting changes nothing."""
    assert intent_config(load(_env_file=None)) == INTENTS
