"""The numbers that shape intents: each with its unit, range, and what it was chosen on.

`python -m bench choice` compares values of each on training data alone; the tables are in
bench/RESULTS-intents.md.
"""

from pydantic import BaseModel, ConfigDict, Field

from nlp.settings import Settings, configured


class IntentConfig(BaseModel):
    """How intents are learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    lexical: float = Field(0.15, ge=0, le=1)
    """Weight of the kernel on words. On Banking77 train, .1 to .3 are within .001 of it."""
    width: float = Field(3.0, gt=0)
    """The Gaussian kernel is exp(width (cosine - 1)); a width of 6 is .002 worse."""
    ridge: float = Field(0.1, gt=0)
    """Divided by the weight of an example; .05 to .2 are within .001 of it."""
    shrinkage: float = Field(0.3, gt=0, le=1)
    """Shrinkage of the scatter within intents towards a multiple of the identity."""
    few_examples: int = Field(20, ge=0)
    """Below this median of examples per intent, unlabelled messages are learnt, too; measured at 5
    and 10."""
    pool_weight: float = Field(0.2, gt=0, le=1)
    """Weight of an unlabelled message; a labelled example has 1. Values of .1 and .4 are within
    .002."""
    pool_left_out: float = Field(0.1, ge=0, lt=1)
    """Share of the least certain unlabelled messages that each round leaves out; with 0 accuracy is
    .004 lower."""
    strange: float = Field(0.6, gt=0, lt=1)
    """A message is out of scope when its nearest example is less similar than this times the
    usual."""


DEFAULT = IntentConfig()


def intent_config(settings: Settings) -> IntentConfig:
    """Return the config of the settings. Raises SettingError, as `configured` does."""
    return configured(IntentConfig, "TRIAGE_INTENTS", settings.intents)
