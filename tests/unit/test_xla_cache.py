from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from recowidget import xla_cache
from recowidget.xla_cache import FLAGS, keep_compiled

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import json
import recowidget as rw
from recowidget.run import Run
from recowidget.settings import Settings

ratings, movies = rw.datasets.load_movielens()
run = Run(rw.Interactions.from_frame(ratings).sample(60, 80), Settings(engine="sgd", epochs=3))
run.train()
run.wait()
print(json.dumps(run.history.mse(3)[:, ::2].tolist()))
"""


def trained(home: Path) -> list[list[float]]:
    """Train in a fresh process, and give the losses."""
    given = {name: value for name, value in os.environ.items() if name != FLAGS}
    given["XDG_CACHE_HOME"] = str(home)
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, env=given, check=True)
    losses: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return losses


def compiled(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in home.glob("recowidget/*/*.pb")}


def test_the_second_process_finds_what_the_first_compiled_and_learns_the_same(tmp_path: Path) -> None:
    first = trained(tmp_path)
    kept = compiled(tmp_path)
    assert len(kept) == 1
    second = trained(tmp_path)
    assert compiled(tmp_path) == kept
    assert second == first


def test_training_needs_no_cache(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder would be")
    assert trained(blocked) == trained(tmp_path / "free")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(FLAGS, "")  # So that what it was comes back after the test.
    monkeypatch.delenv(FLAGS)
    monkeypatch.setattr(xla_cache, "_kept", [])
    return tmp_path


def folder_of(home: Path) -> Path:
    return next((home / "recowidget").iterdir())


def test_flags_of_the_users_own_stay(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FLAGS, "--tf_xla_auto_jit=0")
    keep_compiled()
    assert os.environ[FLAGS].startswith(f"--tf_xla_auto_jit=0 --tf_xla_persistent_cache_directory={home}")
    mine = "--tf_xla_persistent_cache_directory=elsewhere"
    monkeypatch.setenv(FLAGS, mine)
    keep_compiled()
    assert os.environ[FLAGS] == mine


def test_a_folder_in_which_others_can_put_code_is_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_compiled()
    assert str(folder_of(home)) in os.environ[FLAGS]
    monkeypatch.delenv(FLAGS)
    folder_of(home).chmod(0o777)
    keep_compiled()
    assert FLAGS not in os.environ


def test_a_full_disk_and_a_path_with_a_space_are_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "with a space"))
    keep_compiled()
    assert FLAGS not in os.environ
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr(xla_cache, "FREE_BYTES", 1 << 60)
    keep_compiled()
    assert FLAGS not in os.environ


def test_what_is_kept_is_bounded_and_never_empty(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_compiled()
    folder = folder_of(home)
    for age, size in enumerate((600, 0, 300, 200)):
        path = folder / f"{age}.pb"
        path.write_bytes(b"x" * size)
        os.utime(path, (1e9 - age, 1e9 - age))
    monkeypatch.delenv(FLAGS)
    monkeypatch.setattr(xla_cache, "MAX_BYTES", 1000)
    keep_compiled()
    assert sorted(path.name for path in folder.iterdir()) == ["0.pb", "2.pb"]


@pytest.mark.parametrize("damage", [b"", b"garbage " * 100])
def test_what_can_no_longer_be_read_is_compiled_anew(tmp_path: Path, damage: bytes) -> None:
    first = trained(tmp_path)
    (path,) = compiled(tmp_path)
    path.write_bytes(damage or path.read_bytes()[:2000])
    second = trained(tmp_path)
    assert second == first
    (path,) = compiled(tmp_path)
    assert path.stat().st_size > 2000


def test_an_error_of_the_call_itself_is_raised(home: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    keep_compiled()
    with pytest.raises(ZeroDivisionError):
        xla_cache.call_compiled(fail)
    # Once it was read, it is not handed down to other processes.
    assert xla_cache.call_compiled(lambda: 7) == 7
    assert FLAGS not in os.environ
    assert folder_of(home).is_dir()
