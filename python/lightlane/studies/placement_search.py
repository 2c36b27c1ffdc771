"""Placement of many users: greedy, then local search."""

from __future__ import annotations

from collections.abc import Iterator

from lightlane.studies.placement_problem import Placed, PlacementProblem, judge

ROUNDS_MAX_COUNT = 20


def place_greedily(problem: PlacementProblem) -> Placed:
    """Find a good placement, without a proof that it is the best.

    Algorithm
    ---------
    1. Users with the fewest options first, each takes the option that costs least now.
    2. As long as something improves: every user tries its other options, and every pool tries to hand all of its users
       to each other site at once, since a pool that is left saves its workers only as a whole.
    """
    choices: list[int | None] = [None] * len(problem.options)
    order = sorted(range(len(choices)), key=lambda user: (len(problem.options[user]), user))
    best = judge(problem, choices)
    if best is None:
        raise AssertionError("nobody served is always a placement")
    for user in order:
        best = _improve(problem, best, ({user: option} for option in range(len(problem.options[user]))))
    for _ in range(ROUNDS_MAX_COUNT):
        before = best.cost
        best = _improve(problem, best, _list_single_moves(problem))
        best = _improve(problem, best, _list_pool_moves(problem, best))
        if best.cost == before:
            break
    return best


def _improve(problem: PlacementProblem, best: Placed, moves: Iterator[dict[int, int | None]]) -> Placed:
    """Take every move that makes it better."""
    for move in moves:
        choices = list(best.choices)
        for user, option in move.items():
            choices[user] = option
        found = judge(problem, choices)
        if found is not None and found.cost < best.cost:
            best = found
    return best


def _list_single_moves(problem: PlacementProblem) -> Iterator[dict[int, int | None]]:
    for user, options in enumerate(problem.options):
        for option in range(len(options)):
            yield {user: option}


def _list_pool_moves(problem: PlacementProblem, placed: Placed) -> Iterator[dict[int, int | None]]:
    users_of: dict[int, list[int]] = {}
    for user, choice in enumerate(placed.choices):
        if choice is not None:
            for pool in problem.options[user][choice].waits_ms:
                users_of.setdefault(pool, []).append(user)
    for users in users_of.values():
        for label in sorted({option.label for user in users for option in problem.options[user]}):
            move: dict[int, int | None] = {}
            for user in users:
                same = [index for index, option in enumerate(problem.options[user]) if option.label == label]
                if same:
                    move[user] = same[0]
            if len(move) > 1:
                yield move
