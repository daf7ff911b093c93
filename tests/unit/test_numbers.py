"""The tuned numbers: how many there are, and that each is recorded."""

import importlib
import pkgutil

from pydantic import BaseModel

import nlp

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
    return [
        f"{config.__name__}.{name}"
        for name, field in config.model_fields.items()
        if isinstance(field.default, int | float) and not isinstance(field.default, bool)
    ]


def test_there_are_few_tuned_numbers() -> None:
    """Who adds one to the configs takes another one out."""
    numbers = [number for config in _configs() for number in _numbers(config)]
    assert "TopicConfig.mixing" in numbers
    assert len(numbers) <= _MOST, f"{len(numbers)} numbers: {', '.join(numbers)}"


def test_a_config_is_frozen_and_knows_its_fields() -> None:
    """What a run records is what it ran with, and a slip in a name is an error."""
    for config in _configs():
        assert config.model_config.get("frozen"), config.__name__
        assert config.model_config.get("extra") == "forbid", config.__name__
