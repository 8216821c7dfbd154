"""Hostile packages of ours, run as a suite is run: the quick ones here, all of them by `make hostile`."""

from pathlib import Path

import pytest
from benchmarks.hostile import run

from avr import config
from avr.ecosystems.pypi.bench import PyPIBench

pytestmark = [pytest.mark.sandbox, pytest.mark.index]


@pytest.fixture(scope="module")
def bench(shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> PyPIBench:
    """One bench for all."""
    made = run.bench(config.Settings(home=tmp_path_factory.mktemp("home"), cache=shared_cache))
    assert made.problem is None
    return made


@pytest.mark.parametrize(
    "name",
    ["reads_host_files", "reads_the_environment", "opens_sockets", "links_the_report", "plants_files", "patches_pytest",
     "writes_the_report", "writes_the_report_at_exit", "ends_pytest"],
)  # fmt: skip
def test_it_is_contained_and_told(bench: PyPIBench, name: str) -> None:
    """Nothing got out, and the run says what it has to say."""
    row = run.run_case(name, bench)
    assert row.trouble == (), row.told


@pytest.mark.parametrize(
    ("ends", "trouble"),
    [
        ("refused", "an attempt worked: test_it_works"),
        ("limit", "an attempt worked and no limit is told"),
        ("no results", "results are told"),
        ("tampered", "the lie is believed"),
    ],
)
def test_what_is_not_contained_is_noticed(
    bench: PyPIBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str, trouble: str
) -> None:
    """The harness can tell: an attempt that works ends in no other way than that."""
    (tmp_path / "works.py").write_text(f'"""Works."""\nENDS = "{ends}"\n\ndef test_it_works():\n    pass\n')
    monkeypatch.setattr(run, "CASES", tmp_path)
    assert run.run_case("works", bench).trouble == (trouble,)
