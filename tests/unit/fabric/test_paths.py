"""Trees and parts of graphs, against the plain search from one site and against a union of edges."""

from __future__ import annotations

import random

from lightlane.fabric.paths import (
    Edge,
    PathStore,
    build_graph,
    find_shortest_tree,
    find_shortest_trees,
    iterate_paths,
    number_parts,
    replace_edges,
)


def _edges(seed: int, latencies_us: tuple[float, ...]) -> tuple[list[str], list[Edge]]:
    draw = random.Random(seed)
    names = [f"s{number}" for number in range(draw.randint(2, 15))]
    pairs = [draw.sample(names, 2) for _ in range(draw.randint(1, 3 * len(names)))]
    return names, [Edge(a, b, draw.choice((*latencies_us, draw.random()))) for a, b in pairs]


def test_trees_found_together_are_those_found_one_by_one() -> None:
    # Few different latencies make ties, of which some are equal sums of other numbers; some edges lie side by side.
    for seed in range(120):
        latencies_us = (0.1, 0.2, 0.3, 0.7, 0.0) if seed % 4 == 0 else (0.1, 0.2, 0.3, 0.7)
        names, edges = _edges(seed, latencies_us)
        graph = build_graph(edges)
        targets = [*names, "nowhere"]
        for target, tree in zip(targets, find_shortest_trees(graph, targets), strict=True):
            assert tree == find_shortest_tree(graph, target), seed


def test_parts_are_what_edges_join() -> None:
    for seed in range(60):
        _, edges = _edges(seed, (1.0,))
        graph = build_graph(edges)
        gone = set(random.Random(seed).sample(range(len(edges)), len(edges) // 2))
        left = replace_edges(graph, dict.fromkeys(gone))
        part_of = number_parts(left)
        assert part_of.keys() == graph.neighbors.keys()
        for site in part_of:
            reached = find_shortest_tree(left, site).latency_us
            assert {other for other, part in part_of.items() if part == part_of[site]} == set(reached)


def test_a_store_that_was_prepared_finds_the_same_paths(monkeypatch) -> None:
    monkeypatch.setattr("lightlane.fabric.paths.TOGETHER_LEAST_COUNT", 0)
    names, edges = _edges(7, (0.1, 0.2))
    graph = build_graph(edges)
    store = PathStore(graph)
    store.prepare(names)
    for target in names:
        for source in names:
            found = list(store.iterate_without(source, target, graph, frozenset(), frozenset()))
            assert found == list(iterate_paths(graph, find_shortest_tree(graph, target), source))
