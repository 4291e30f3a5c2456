"""Boxes in ranks, so that edges go one way: a small layered layout.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (IEEE
Transactions on Systems, Man, and Cybernetics 11(2), 1981): ranks by the longest path, an order within each by
the mean place of the neighbours, and places as near to them as there is room. js/layering.js does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean as mean
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Place = tuple[int, float]
"""Rank, and place in it; boxes of a rank are 1 or more apart."""

_SWEEPS: Final = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Where boxes stand and edges run.

    Attributes
    ----------
    places : list of Place
        Of the boxes, in the order given; the least place is 0.
    edges : list of list of Place
        Of each edge the places it goes through: its first box, one a rank between, its last box.
    n_ranks : int
    breadth : float
        The greatest place and 1.
    """

    places: list[Place]
    edges: list[list[Place]]
    n_ranks: int
    breadth: float


def layered_layout(feeding: Sequence[Sequence[int]]) -> Layout:
    """Place boxes by what feeds them.

    Parameters
    ----------
    feeding
        Of each box the numbers of those that feed it. Where nothing feeds anything, each has a rank of its
        own, in the order given. An edge that doesn't go forward in that order of ranks is left out.
    """
    ranks = _ranks(feeding)
    chains = _chains(feeding, ranks)
    # Boxes, then the bends of edges that pass by a rank.
    rank_of = dict(enumerate(ranks))
    for chain in chains:
        rank_of |= {k: ranks[chain[0]] + step for step, k in enumerate(chain)}
    at = _arrange(rank_of, chains)
    least = min(at.values(), default=0.0)
    places = {k: (rank_of[k], round(place - least, 6)) for k, place in at.items()}
    return Layout(
        places=[places[box] for box in range(len(feeding))],
        edges=[[places[k] for k in chain] for chain in chains],
        n_ranks=max(rank_of.values(), default=-1) + 1,
        breadth=max((place for _, place in places.values()), default=-1.0) + 1,
    )


def _chains(feeding: Sequence[Sequence[int]], ranks: list[int]) -> list[list[int]]:
    """Give each edge as the numbers of its first box, of a bend a rank between, and of its last box."""
    chains: list[list[int]] = []
    n = len(feeding)
    for box, others in enumerate(feeding):
        for other in others:
            n_bends = ranks[box] - ranks[other] - 1
            if n_bends >= 0:
                chains.append([other, *range(n, n + n_bends), box])
                n += n_bends
    return chains


def _arrange(rank_of: dict[int, int], chains: list[list[int]]) -> dict[int, float]:
    """Place all within their ranks, by turns near to what is before and to what is after them."""
    before: dict[int, list[int]] = {k: [] for k in rank_of}
    after: dict[int, list[int]] = {k: [] for k in rank_of}
    for chain in chains:
        for one, other in pairwise(chain):
            after[one].append(other)
            before[other].append(one)
    rows: list[list[int]] = [[] for _ in range(max(rank_of.values(), default=-1) + 1)]
    for k, rank in rank_of.items():
        rows[rank].append(k)
    at = {k: place - (len(row) - 1) / 2 for row in rows for place, k in enumerate(row)}
    for _ in range(_SWEEPS):
        for order, neighbours in ((rows, before), (rows[::-1], after)):
            for row in order:
                wanted = [mean(at[n] for n in neighbours[k]) if neighbours[k] else at[k] for k in row]
                at |= dict(zip(row, apart(wanted), strict=True))
                row.sort(key=lambda k: at[k])
    return at


def apart(wanted: Sequence[float]) -> list[float]:
    """Move places as little as it takes to be 1 apart; those that touch stand around the mean they wanted."""
    runs: list[list[int]] = []

    def start(run: list[int]) -> float:
        return sum(wanted[k] for k in run) / len(run) - (len(run) - 1) / 2

    for k in sorted(range(len(wanted)), key=lambda k: wanted[k]):
        run = [k]
        while runs and start(runs[-1]) + len(runs[-1]) > start(run):
            run = runs.pop() + run
        runs.append(run)
    placed = [0.0] * len(wanted)
    for run in runs:
        for place, k in enumerate(run):
            placed[k] = start(run) + place
    return placed


def _ranks(feeding: Sequence[Sequence[int]]) -> list[int]:
    if not any(feeding):
        return list(range(len(feeding)))
    ranks: list[int] = []
    for box, others in enumerate(feeding):
        ranks.append(max((ranks[other] + 1 for other in others if other < box), default=0))
    # What nothing feeds stands right before what it feeds first.
    for box, others in enumerate(feeding):
        fed = [ranks[k] for k, some in enumerate(feeding) if box in some and k > box]
        if not others and fed:
            ranks[box] = min(fed) - 1
    return ranks
