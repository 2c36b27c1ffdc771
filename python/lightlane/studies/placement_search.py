"""Placement of many users: greedy, then local search."""

from __future__ import annotations

from collections.abc import Iterator

from lightlane.studies.placement_problem import Placed, PlacementProblem, judge

ROUNDS_MAX_COUNT = 20


def place_greedily(problem: PlacementProblem) -> Placed:
    """Find a good placement, without a proof that it is the best.

    Algorithm
    ---------
    1. Two starts: users with the fewest options first, each takes the option that costs least now; and all users of a
       service that fit at one site there, the rest at the next one.
    2. From both, as long as something improves: every user tries its other options, and every pool tries to hand all of
       its users to each other site at once, since a pool that is left saves its workers only as a whole.
    """
    starts = (_start_one_by_one(problem), _start_together(problem))
    return min((_search(problem, start) for start in starts), key=lambda placed: placed.cost)


def _search(problem: PlacementProblem, best: Placed) -> Placed:
    for _ in range(ROUNDS_MAX_COUNT):
        before = best.cost
        best = _improve(problem, best, _list_single_moves(problem))
        best = _improve(problem, best, _list_pool_moves(problem, best))
        if best.cost == before:
            break
    return best


def _start_one_by_one(problem: PlacementProblem) -> Placed:
    best = _serve_nobody(problem)
    for user in sorted(range(len(problem.options)), key=lambda user: (len(problem.options[user]), user)):
        best = _improve(problem, best, ({user: option} for option in range(len(problem.options[user]))))
    return best


def _start_together(problem: PlacementProblem) -> Placed:
    """Give as many users of a service as fit to one site, the rest to the next one."""
    best = _serve_nobody(problem)
    groups: dict[frozenset[str], list[int]] = {}
    for user, options in enumerate(problem.options):
        names = frozenset(problem.pools[pool].name for option in options for pool in option.waits_ms)
        groups.setdefault(names, []).append(user)
    for users in groups.values():
        left = users
        while left:
            labels = sorted({option.label for user in left for option in problem.options[user]})
            filled = min((_fill(problem, best, left, label) for label in labels), key=_cost, default=best)
            if filled.unserved_count == best.unserved_count:
                break
            best = filled
            left = [user for user in left if best.choices[user] is None]
    return best


def _serve_nobody(problem: PlacementProblem) -> Placed:
    placed = judge(problem, [None] * len(problem.options))
    if placed is None:
        raise AssertionError("nobody served is always a placement")
    return placed


def _fill(problem: PlacementProblem, best: Placed, users: list[int], label: str) -> Placed:
    """Serve as many of the users as possible by their options ``label``."""
    for user in users:
        for index, option in enumerate(problem.options[user]):
            if option.label == label:
                best = _improve(problem, best, iter([{user: index}]))
    return best


def _cost(placed: Placed) -> tuple[int, int, float]:
    return placed.cost


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
