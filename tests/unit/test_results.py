"""The file of the benchmarks' results: parts of it are replaced, the others stay."""

from __future__ import annotations

from tests.benchmarks.results import sections_of, with_sections

NAMES = "one", "two", "three"


def test_a_section_is_replaced_and_the_others_stay() -> None:
    before = with_sections("", {"one": "first\n\n| 1 |", "three": "third"}, NAMES)
    after = with_sections(before, {"three": "third again"}, NAMES)
    assert sections_of(after) == {"one": "first\n\n| 1 |", "three": "third again"}
    assert after.replace(" again", "") == before


def test_sections_stand_in_the_order_of_the_names() -> None:
    before = with_sections("", {"three": "third"}, NAMES)
    after = with_sections(before, {"two": "second", "one": "first"}, NAMES)
    assert list(sections_of(after)) == list(NAMES)
    assert after.count("# Benchmarks\n") == 1


def test_what_is_no_benchmark_any_more_goes() -> None:
    before = with_sections("", {"one": "first", "two": "second"}, NAMES)
    assert sections_of(with_sections(before, {}, ("two",))) == {"two": "second"}
