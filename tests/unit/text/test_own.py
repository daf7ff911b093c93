"""Promises of `nlp.text.own`."""

import ast
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.clean import clean
from nlp.text.own import message_id, own_text
from nlp.text.redact import Redactor
from tests.unit.text.test_clean import ANY_TEXT, MASKED

_ROOT = Path(__file__).parents[3]
_REDACTOR = Redactor()


def test_hashes_are_uuids_of_the_text_alone() -> None:
    """Equal texts share a hash, others do not; hashes in existing databases stay valid."""
    assert own_text("a").text_hash == "27c35e6e-9373-877f-29e5-62464e46497e"
    assert own_text("a").text_hash != own_text("b").text_hash
    assert own_text(" a  XXXX <CARD>").text_hash == own_text("a").text_hash
    assert str(uuid.UUID(own_text("").text_hash)) == own_text("").text_hash


@pytest.mark.parametrize("text", ["<CARD>", "<EMAIL>", "XXXX", "<CARD> <EMAIL>"])
def test_a_text_of_placeholders_alone_stands_for_itself(text: str) -> None:
    """A text of placeholders alone is hashed and embedded as it is."""
    own = own_text(text)
    assert (own.text, own.embedded) == (text, text)
    assert own.text_hash != own_text("").text_hash


def test_texts_of_different_placeholders_are_different_texts() -> None:
    """A message that is only a card number is not one that is only an address."""
    assert len({own_text(t).text_hash for t in ("<CARD>", "<EMAIL>", "<PHONE>", "XXXX", "")}) == 5


@given(st.one_of(ANY_TEXT, MASKED))
def test_what_is_stored_and_what_is_looked_up_have_one_hash(raw: str) -> None:
    """The hash of a pulled text is that of its stored form, its embedded form and a second pull."""
    pulled = own_text(_REDACTOR.redact(clean(raw)).text)
    assert own_text(pulled.text) == pulled
    assert own_text(pulled.embedded).text_hash == pulled.text_hash
    assert own_text(pulled.embedded).embedded == pulled.embedded
    assert bool(pulled.embedded) == bool(pulled.text)


def test_message_ids_tell_sources_apart() -> None:
    """The id depends on the source and the external id, and on where one ends."""
    ids = {
        message_id("a", "bc"),
        message_id("ab", "c"),
        message_id("a", "bd"),
        message_id("a", "bc"),
    }
    assert len(ids) == 3  # fmt: skip


def test_nothing_else_computes_a_text_hash() -> None:
    """The hash function of texts is named in one module of the product and its benchmarks."""
    folders = ("nlp", "sql", "plugins", "dags", "bench")
    files = [f for folder in folders for f in (_ROOT / folder).rglob("*.py")]
    naming = {
        str(f.relative_to(_ROOT))
        for f in files
        for node in ast.walk(ast.parse(f.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "blake2b"
    }
    assert naming == {"nlp/text/own.py"}
