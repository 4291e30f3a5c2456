"""What XLA has compiled, kept on disk: the next kernel that trains the like begins at once."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    Result = TypeVar("Result")

FLAGS: Final = "TF_XLA_FLAGS"
"""The variable that TensorFlow reads, once."""

MAX_BYTES: Final = 200 << 20
"""Kept on disk; beyond that, what has lain there longest goes. A compiled function has some 100 kB."""

LEFTOVER_SECONDS: Final = 3600
"""After which a file that was not written to its end is taken to be left by a process that was killed."""

FREE_BYTES: Final = 1 << 30
"""Left on the disk, or nothing is kept: TensorFlow takes a full disk for an error of the training."""


def keep_compiled() -> None:
    """Have TensorFlow, which must not be imported yet, keep what XLA compiles for the CPU.

    Under ``~/.cache/recowidget``, or where ``XDG_CACHE_HOME`` says, for each version of TensorFlow and each
    kind of processor apart. Nothing happens where ``TF_XLA_FLAGS`` speaks of such a cache already, where the
    folder can't be written or belongs to somebody else, and where the disk is nearly full: then XLA compiles
    as ever.
    """
    flags = os.environ.get(FLAGS, "")
    if "persistent_cache" in flags:
        return
    with suppress(OSError, RuntimeError, PackageNotFoundError):  # RuntimeError: there is no home.
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(folder) and shutil.disk_usage(folder).free > FREE_BYTES:
            _prune(folder)
            told = (
                f"{flags} --tf_xla_persistent_cache_directory={folder} "
                "--tf_xla_persistent_cache_device_types=CPU"
            ).strip()
            _kept.append((os.environ.get(FLAGS), told, folder))
            os.environ[FLAGS] = told


def call_compiled(call: Callable[[], Result]) -> Result:
    """Have a function traced and called that XLA compiles, or has compiled before.

    TensorFlow raises an error where what is kept can't be read, and again with every call of the same
    function. Then what is kept is thrown away, and all done once more.

    Parameters
    ----------
    call : callable
        Makes a new function each time, and calls it.
    """
    try:
        result = call()
    except Exception:
        if not _throw_away():
            raise
        result = call()
    # It has been read by now. Processes of another TensorFlow are not to find it in their environment.
    if _kept and os.environ.get(FLAGS) == _kept[-1][1]:
        before = _kept[-1][0]
        if before is None:
            del os.environ[FLAGS]
        else:
            os.environ[FLAGS] = before
    return result


_kept: list[tuple[str | None, str, Path]] = []
"""The flags before, those set, and the folder that they name."""


def _throw_away() -> bool:
    """Delete what is kept; whether there was anything."""
    found = False
    for _, _, folder in _kept:
        for path in folder.glob("*.pb"):
            with suppress(OSError):
                path.unlink()
                found = True
    return found


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    # Machine code for one processor may be none for another, and homes are shared between machines.
    processor = hashlib.sha256(_processor().encode()).hexdigest()[:16]
    return Path(cache) / "recowidget" / f"xla-{version('tensorflow')}-{processor}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return f"{platform.node()} {platform.machine()} {platform.processor()}"
    told = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU ")
    return "\n".join(sorted({line for line in lines if line.startswith(told)}))


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can put code there, and we can."""
    if any(letter.isspace() for letter in str(folder)):  # TensorFlow would take it for two flags.
        return False
    about = folder.stat()
    is_private = not hasattr(os, "getuid") or (
        about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )
    return is_private and os.access(folder, os.W_OK | os.X_OK)


def _prune(folder: Path) -> None:
    """Keep the files written last, and none that is empty: TensorFlow takes one for an error.

    Files are written under another name first, by this process or another.
    """
    left = MAX_BYTES
    files = []
    for path in folder.iterdir():
        with suppress(OSError):  # Another process may do the same.
            files.append((path.stat(), path))
    for about, path in sorted(files, key=lambda file: -file[0].st_mtime):
        if path.suffix == ".pb":
            left -= about.st_size
            is_done = left < 0 or not about.st_size
        else:
            is_done = time.time() - about.st_mtime > LEFTOVER_SECONDS
        if is_done:
            path.unlink(missing_ok=True)
