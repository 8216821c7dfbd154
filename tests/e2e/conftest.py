"""What the end-to-end tests share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all workers: nothing is downloaded twice, everything in it goes by digest."""
    return tmp_path_factory.getbasetemp().parent / "avr-cache"
