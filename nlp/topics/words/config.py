"""The tuned numbers of labels and keywords: each with its unit, its range and its reason."""

from pydantic import BaseModel, ConfigDict, Field

from nlp.settings import Settings, configured


class WordConfig(BaseModel):
    """How topics are put into words."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_keywords: int = Field(8, ge=1, le=50)
    """Keywords of a topic, at most."""
    n_exemplars: int = Field(5, ge=1, le=50)
    """Messages that show what a topic is about, at most."""
    n_read: int = Field(300, ge=50)
    """Messages of a topic whose words are counted, at most; they are compared with those of up to
    ten times as many other messages."""
    n_phrases: int = Field(30, ge=5)
    """Strongest phrases of a topic that can become its label: each is embedded. Mean label@1 on
    Banking77 and HWU64 train and DSTC11 insurance is .626 with 60 and with 30, .617 with 20."""
    same_phrase: float = Field(85, gt=0, le=100)
    """Similarity of their words, in percent, from which two phrases count as the same."""
    form_weight: float = Field(0.2, ge=0, le=1)
    """Weight of a phrase's form in the choice of a label, next to 1 for its cosine to the centroid
    and 1 for its lead over the other centroids: all of it for being frequent (at 0 labels become
    rare quotations, at 1 common words), half for each telling word up to three (`card payment fee`
    says more than `fee`), minus all of it for breaking off (`order a virtual` is always followed by
    `card`). Chosen on Banking77 train: label@1 is .62 with it, .57 without the lead."""


def word_config(settings: Settings) -> WordConfig:
    """Return the config of the settings. Raises SettingError, as `configured` does."""
    return configured(WordConfig, "TRIAGE_WORDS", settings.words)
