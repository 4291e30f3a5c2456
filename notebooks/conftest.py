"""How nbval compares the notebooks' outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave out stderr: what TensorFlow writes there depends on the machine."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")
