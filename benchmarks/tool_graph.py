"""All pairs of similar strings: callsheet's exact join beside a blocked product and its peers.

    python benchmarks/tool_graph.py [POOL.jsonl | VECTORS.npy] [--peers] [--edges]

Of a pool the vectors are its fields' by all-MiniLM-L6 (kept on disk; the first time takes
minutes); without an argument they are made up, in clusters, 30,000 of 384 dimensions. Each method
runs in a process of its own, in one thread, and its pairs are compared with the blocked product's.
`--peers`: faiss, hnswlib and sentence-transformers' paraphrase mining too, where installed.
`--edges`: the whole way to the graph and the samplers, with the process's peak memory (a pool).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 - after its threads are set

THRESHOLD = 0.82
METHODS = ("blocked product", "callsheet")
PEERS = ("faiss flat", "paraphrase mining", "hnswlib")
MEGABYTE = 1e6


def made_up(count: int = 30_000, dimensions: int = 384) -> Any:
    """Unit vectors in clusters, their variance falling from dimension to dimension."""
    chance = np.random.default_rng(0)
    weight = 1.0 / (1.0 + np.arange(dimensions)) ** 0.5
    centres = chance.normal(size=(count // 3, dimensions)) * weight
    rows = centres[chance.integers(0, len(centres), count)]
    rows = rows + chance.normal(size=(count, dimensions)) * weight * 0.5
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def vectors_of(given: Path | None) -> Any:
    if given is None:
        return made_up()
    if given.suffix == ".npy":
        return np.load(given, allow_pickle=False)
    from callsheet.models.embedding import encoder
    from callsheet.models.vector_store import stored_vectors
    from callsheet.planners.tool_graph import Fields
    from callsheet.tools.pool import load_pool

    def told(done: int, total: int) -> None:
        print(f"\rembedding {done} of {total}", end="", file=sys.stderr, flush=True)

    strings = Fields.of(load_pool(given)).strings
    return stored_vectors(strings, encoder("all-minilm-l6"), on_progress=told)


def blocked_product(vectors: Any) -> Any:
    """What everybody writes first: blocks of the product, compared with the threshold."""
    count, rows = len(vectors), 2048
    found = []
    for top in range(0, count, rows):
        for left in range(top, count, rows):
            product = vectors[top : top + rows] @ vectors[left : left + rows].T
            first, second = np.nonzero(product > THRESHOLD)
            first, second = first + top, second + left
            found.append((first * count + second)[first < second])
    return np.concatenate(found)


def callsheet(vectors: Any) -> Any:
    from callsheet.planners.tool_graph import similar_pairs

    pairs = similar_pairs(vectors, THRESHOLD)
    return pairs.first.astype(np.int64) * len(vectors) + pairs.second


def faiss_flat(vectors: Any) -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    found = []
    for top in range(0, len(vectors), 4096):
        limits, _, others = index.range_search(vectors[top : top + 4096], THRESHOLD)
        counts = np.diff(limits.astype(np.int64))
        first = np.repeat(np.arange(top, top + len(counts)), counts)
        keep = first < others
        found.append(first[keep] * len(vectors) + others[keep])
    return np.concatenate(found)


def paraphrase_mining(vectors: Any) -> Any:
    import torch
    from sentence_transformers.util import paraphrase_mining_embeddings

    torch.set_num_threads(1)
    pairs = paraphrase_mining_embeddings(
        torch.from_numpy(vectors), max_pairs=2_000_000, top_k=100, score_function=_dot
    )
    found = {(min(a, b), max(a, b)) for score, a, b in pairs if score > THRESHOLD}
    return np.array([a * len(vectors) + b for a, b in found], np.int64)


def _dot(one: Any, other: Any) -> Any:
    return one @ other.T


def hnswlib(vectors: Any) -> Any:
    import hnswlib as library

    index = library.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), ef_construction=100, M=16, random_seed=1)
    index.set_num_threads(1)
    index.add_items(vectors, num_threads=1)
    index.set_ef(150)
    near, distances = index.knn_query(vectors, k=100, num_threads=1)
    first = np.repeat(np.arange(len(vectors)), 100)
    second, cosine = near.reshape(-1).astype(np.int64), 1 - distances.reshape(-1)
    keep = (cosine > THRESHOLD) & (first != second)
    low, high = np.minimum(first, second)[keep], np.maximum(first, second)[keep]
    return np.unique(low * len(vectors) + high)


def measure(method: str, path: Path, out: Path) -> None:
    """In a process of its own: CPU seconds and peak memory, and the pairs in `out`."""
    vectors = np.load(path, allow_pickle=False)
    function = globals()[method.replace(" ", "_")]
    began = time.process_time()
    try:
        pairs = function(vectors)
    except ImportError as error:
        print(json.dumps({"missing": str(error)}))
        return
    seconds = time.process_time() - began
    np.save(out, np.sort(pairs))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    print(json.dumps({"seconds": seconds, "peak": peak, "pairs": len(pairs)}))


def compare(vectors: Any, methods: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        np.save(path, vectors)
        print(f"{len(vectors):,} vectors of {vectors.shape[1]} dimensions, cosine > {THRESHOLD}")
        print(f"{'method':20} {'CPU s':>8} {'ratio':>6} {'peak MB':>8} {'pairs':>9} missed  extra")
        first: float | None = None
        truth: Any = None
        for method in methods:
            out = Path(folder) / "pairs.npy"
            command = [sys.executable, __file__, "--measure", method, str(path), str(out)]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            told = json.loads(answer.stdout.splitlines()[-1])
            if "missing" in told:
                print(f"{method:20} not installed ({told['missing']})")
                continue
            pairs = np.load(out)
            first = first or told["seconds"]
            truth = pairs if truth is None else truth
            missed, extra = np.setdiff1d(truth, pairs), np.setdiff1d(pairs, truth)
            print(
                f"{method:20} {told['seconds']:8.1f} {told['seconds'] / first:6.2f} "
                f"{told['peak']:8.0f} {told['pairs']:9,} {len(missed):6} {len(extra):6}"
            )
            told_apart(vectors, np.concatenate([missed, extra]))


def told_apart(vectors: Any, pairs: Any) -> None:
    """Where two methods differ, whether single precision could have told."""
    if not len(pairs):
        return
    first, second = vectors[pairs // len(vectors)], vectors[pairs % len(vectors)]
    exact = (first.astype(np.float64) * second.astype(np.float64)).sum(1)
    close = int((np.abs(exact - THRESHOLD) < 1e-6).sum())
    print(f"{'':20} of these {close} lie within 1e-6 of the threshold")


def edges(pool: Path) -> None:
    """The whole way, and how fast subsets are drawn."""
    from callsheet.models.embedding import encoder
    from callsheet.planners.tool_graph import GraphConfig, sampler, statistics, tool_graph
    from callsheet.tools.pool import load_pool

    tools = load_pool(pool)
    for share in (None, 0.01):
        began = time.process_time()
        graph = tool_graph(tools, encoder("all-minilm-l6"), GraphConfig(max_share=share))
        seconds = time.process_time() - began
        told = statistics(graph)
        print(
            f"\nmax_share {share}: {seconds:.1f} CPU s from kept vectors, {told.edges:,} edges, "
            f"{told.isolated} isolated, {told.components} components, {told.hubs} hubs"
        )
        for by in ("graph", "chain", "random"):
            draw, chance = sampler(graph, by), Random(1)
            began = time.process_time()
            for _ in range(20_000):
                draw(chance, 5)
            rate = 20_000 / (time.process_time() - began)
            print(f"  {by:7} {rate:10,.0f} subsets of 5 tools a second")
        del graph
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    print(f"peak memory of all this, the pool's specs included: {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("given", nargs="?", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--edges", action="store_true")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        method, path, out = asked.measure
        measure(method, Path(path), Path(out))
        return
    compare(vectors_of(asked.given), METHODS + (PEERS if asked.peers else ()))
    if asked.edges and asked.given is not None:
        edges(asked.given)


if __name__ == "__main__":
    main()
