"""Trees and parts of graphs, against networkx and against the plain rule for ties."""

from __future__ import annotations

import random

import networkx as nx
import pytest

from lightlane.fabric.paths import Edge, build_graph, find_shortest_tree, number_parts, replace_edges


def _edges(seed: int, latencies_us: tuple[float, ...]) -> tuple[list[str], list[Edge]]:
    draw = random.Random(seed)
    names = [f"s{number}" for number in range(draw.randint(2, 15))]
    pairs = [draw.sample(names, 2) for _ in range(draw.randint(1, 3 * len(names)))]
    return names, [Edge(a, b, draw.choice((*latencies_us, draw.random()))) for a, b in pairs]


def test_trees_are_shortest_and_ties_fall_to_the_first_edge() -> None:
    # Few different latencies make ties; some edges lie side by side.
    for seed in range(60):
        names, edges = _edges(seed, (0.125, 0.25, 0.5))
        graph = build_graph(edges)
        whole = nx.MultiGraph()
        whole.add_nodes_from(names)
        whole.add_edges_from((edge.a, edge.b, {"weight": edge.latency_us}) for edge in edges)
        for target in names:
            tree = find_shortest_tree(graph, target)
            lengths = nx.single_source_dijkstra_path_length(whole, target)
            assert tree.latency_us == pytest.approx(lengths, abs=1e-12)
            for site in lengths.keys() - {target}:
                ways = [
                    (index, other)
                    for index, other in graph.neighbors[site]
                    if tree.latency_us[other] + edges[index].latency_us == tree.latency_us[site]
                ]
                assert tree.steps[site] == min(ways)


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
