"""The sample inbox, written once for all its tests."""

import pytest

from tests.sample_inbox import Sample, sample_in


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample as the demo writes it."""
    return sample_in(tmp_path_factory.mktemp("sample"))
