"""How nbval compares the notebooks' outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave out what depends on the machine: TensorFlow's stderr, and last digits in charts of models."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr", "application/vnd.vegalite.v5+json")
