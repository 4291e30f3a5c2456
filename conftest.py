"""What tests and notebooks share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

# Before anything imports TensorFlow; the notebooks' kernels inherit it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_collectstart(collector: pytest.Collector) -> None:
    # nbval: TensorFlow writes to stderr what depends on the machine.
    if collector.path.suffix == ".ipynb" and hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")
