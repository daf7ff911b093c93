"""The names of intents."""

from nlp.intents.names import readable_name


def test_names_of_intents_are_read_as_words() -> None:
    """Underscores and capitals separate words."""
    assert [readable_name("card_arrival"), readable_name("FileClaim")] == [
        "card arrival",
        "file claim",
    ]
