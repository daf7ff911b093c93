"""The names of intents."""

from nlp.intents.names import spoken


def test_names_of_intents_are_read_as_words() -> None:
    """Underscores and capitals separate words."""
    assert [spoken("card_arrival"), spoken("FileClaim")] == ["card arrival", "file claim"]
