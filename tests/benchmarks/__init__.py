"""What takes how long: `python -m tests.benchmarks` prints the tables. No test depends on a time."""
