"""The stability index and the names that changed it."""

from nlp.intents.drift import moved_shares, of_shares


def test_the_name_that_moved_most_comes_first_with_its_shares() -> None:
    """Shares are of all messages of a side; a name that is missing on a side has a share of 0."""
    result = moved_shares(["a"] * 6 + ["b"] * 4, ["a"] * 5 + ["b"] * 3 + ["c"] * 2)
    assert list(result.items()) == [("c", (0.0, 0.2)), ("b", (0.4, 0.3)), ("a", (0.6, 0.5))]


def test_shares_that_stay_move_nothing() -> None:
    """Equal shares of different totals have an index of 0 and are sorted by name."""
    assert of_shares(["b", "a"], ["a", "b", "b", "a"]) == 0
    assert list(moved_shares(["b", "a"], ["a", "b", "b", "a"])) == ["a", "b"]
