"""Fits a table of one vector a piece so that a text's sum of vectors points where the original's vector points.

A start from the original's vectors of single pieces (centred, weighted by inverse frequency, mapped by a ridge regression), then
gradient steps on two aims: the direction itself, and the cosines between texts, above all within given pairs. Frequency weights:
Arora et al. 2017, "A simple but tough-to-beat baseline for sentence embeddings", section 3.
"""

import dataclasses

import numpy as np
import scipy.sparse as sparse

RIDGE = 30.0
FREQUENCY_SCALE = 1e-3


def to_unit_length(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def count_pieces(ids: list[list[int]], width: int) -> sparse.csr_matrix:
    """How often each piece occurs in each text, [texts, width]."""
    indices = np.concatenate([np.asarray(row, np.int64) for row in ids])
    ends = np.cumsum([0] + [len(row) for row in ids])
    matrix = sparse.csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape=(len(ids), width))
    matrix.sum_duplicates()
    return matrix


def starting_table(alone: np.ndarray, counts: sparse.csr_matrix, targets: np.ndarray) -> np.ndarray:
    """`alone`: the original's vector of each piece by itself; `targets`: its vectors of the texts."""
    frequency = np.asarray(counts.sum(0)).ravel() + 1
    frequency /= frequency.sum()
    weights = FREQUENCY_SCALE / (FREQUENCY_SCALE + frequency)
    table = (alone - frequency @ alone) * weights[:, None]
    sums = to_unit_length(counts @ table)
    width = table.shape[1]
    mapping = np.linalg.solve(sums.T @ sums + RIDGE * np.eye(width), sums.T @ targets)
    return (table @ mapping).astype(np.float32)


@dataclasses.dataclass
class Steps:
    epochs: int = 6
    batch: int = 256
    similarity: float = 0.2
    """Weight of the cosine between any two texts of a batch, against the direction's."""
    pair: float = 10.0
    """Weight of the cosine within a pair."""
    rate: float = 0.02
    """Step size, as a share of the table's mean absolute value."""
    seed: int = 1


class _Adam:
    """Adam (Kingma & Ba 2015) that touches only the rows of a batch."""

    def __init__(self, table: np.ndarray):
        self.table, self.mean, self.square, self.count = table, np.zeros_like(table), np.zeros_like(table), 0

    def step(self, rows: np.ndarray, gradient: np.ndarray, rate: float) -> None:
        self.count += 1
        mean = self.mean[rows] = 0.9 * self.mean[rows] + 0.1 * gradient
        square = self.square[rows] = 0.99 * self.square[rows] + 0.01 * gradient * gradient
        mean = mean / (1 - 0.9**self.count)
        square = square / (1 - 0.99**self.count)
        self.table[rows] -= rate * mean / (np.sqrt(square) + 1e-8)


def _gradient(sums: np.ndarray, targets: np.ndarray, pairs: int, steps: Steps) -> np.ndarray:
    """Of both aims in the sums. The batch begins with the first texts of `pairs` pairs, then come the second ones."""
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    units = sums / lengths
    weights = np.full((len(sums), len(sums)), steps.similarity, np.float32)
    first = np.arange(pairs)
    weights[first, first + pairs] = weights[first + pairs, first] = steps.pair
    np.fill_diagonal(weights, 0)
    pull = (weights * (units @ units.T - targets @ targets.T)) @ units - targets
    return (pull - units * (pull * units).sum(1, keepdims=True)) / lengths


def refine(table: np.ndarray, counts: sparse.csr_matrix, targets: np.ndarray, pairs: np.ndarray, steps: Steps, quantize=None, report=None):
    """Gradient steps. With `quantize` the sums are taken of the quantized table, the steps go onto the exact one."""
    random = np.random.default_rng(steps.seed)
    adam = _Adam(table.astype(np.float32).copy())
    rate = steps.rate * np.abs(table[np.abs(table).sum(1) > 0]).mean()
    in_pairs = steps.batch // 4
    total = steps.epochs * counts.shape[0] // steps.batch
    for step in range(total):
        chosen = pairs[random.integers(0, len(pairs), in_pairs)]
        others = random.integers(0, counts.shape[0], steps.batch - 2 * in_pairs)
        texts = np.concatenate([chosen[:, 0], chosen[:, 1], others])
        batch = counts[texts]
        rows = np.unique(batch.indices)
        batch = batch[:, rows]
        used = adam.table[rows] if quantize is None else quantize(adam.table[rows])
        gradient = np.asarray(batch.T @ _gradient(batch @ used, targets[texts], in_pairs, steps))
        adam.step(rows, gradient, rate * (1 - 0.95 * step / total))
        if report and (step + 1) % max(1, total // 4) == 0:
            report(f"step {step + 1} of {total}", adam.table)
    return adam.table
