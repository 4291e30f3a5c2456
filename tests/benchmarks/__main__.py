from __future__ import annotations

from tests.benchmarks import evaluating, splitting

if __name__ == "__main__":
    for benchmark in (splitting, evaluating):
        benchmark.main()
