"""Compares a model file with the original on labelled pairs: how alike their cosines are, and how well each tells same from different.

The pairs must not have taken part in the fit. Prints a line a model.
"""

import argparse
import json
import pathlib
import struct

import numpy as np
from scipy.stats import rankdata, spearmanr

from fit import count_pieces, to_unit_length
from original import Original
from vocabulary import UNKNOWN, encode, make_tokenizer


def read_model(path: pathlib.Path) -> tuple[list[str], np.ndarray]:
    """Pieces and their rows, of our own format or of the `STE1` one (one int8 vector a piece, without its vocabulary)."""
    raw = path.read_bytes()
    if raw[:4] == b"STE1":
        rows, width = struct.unpack("<II", raw[4:12])
        scales = np.frombuffer(raw, "<f4", rows, 16)
        return [], np.frombuffer(raw, np.int8, rows * width, 16 + 4 * rows).reshape(rows, width) * scales[:, None]
    header_bytes = struct.unpack("<I", raw[4:8])[0]
    header = json.loads(raw[8 : 8 + header_bytes])
    rows, width, at = header["pieces"] + header["unknownRows"], header["dimension"], 8 + header_bytes
    scales = np.frombuffer(raw, "<f4", rows, at)
    packed = np.frombuffer(raw, np.uint8, rows * width // 2, at + 4 * rows).reshape(rows, -1)
    codes = np.stack([packed & 15, packed >> 4], -1).reshape(rows, width)
    pieces = raw[at + 4 * rows + packed.size :].decode().split("\n")
    return pieces, (np.array(header["levels"], np.float32)[codes] * scales[:, None])[: len(pieces)]


def area_under_curve(scores: np.ndarray, same: np.ndarray) -> float:
    ranks, positives = rankdata(scores), int(same.sum())
    return (ranks[same].sum() - positives * (positives + 1) / 2) / (positives * (len(same) - positives))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", required=True, help="JSON lines with a, b and same")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    with open(arguments.pairs, encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    same = np.array([pair["same"] for pair in pairs])
    texts = [pair["a"] for pair in pairs] + [pair["b"] for pair in pairs]
    random_order = np.random.default_rng(5).permutation(len(pairs))
    original = Original(arguments.work)

    def cosines(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = vectors[: len(pairs)], vectors[len(pairs) :]
        return (a * b).sum(1), (a * b[random_order]).sum(1)

    reference, reference_random = cosines(original.vectors(texts))
    print(f"original: area {area_under_curve(reference, same):.4f}, {(reference >= 0.92).sum()} pairs at 0.92 or more")
    for path in arguments.models:
        pieces, table = read_model(path)
        tokenizer = make_tokenizer([*pieces, UNKNOWN]) if pieces else original.tokenizer
        ids = [[index for index in row if index < len(table)] for row in encode(tokenizer, texts, 8_192)]
        found, found_random = cosines(to_unit_length(count_pieces(ids, len(table)) @ table))
        everything = spearmanr(np.r_[found, found_random], np.r_[reference, reference_random])[0]
        difference = found - reference
        print(
            f"{path.name}: Spearman {spearmanr(found, reference)[0]:.4f} (with random pairs {everything:.4f}), "
            f"difference {np.abs(difference).mean():.4f}, bias {difference.mean():+.4f}, "
            f"area {area_under_curve(found, same):.4f}, {(found >= 0.92).sum()} pairs at 0.92 or more, "
            f"{same[found >= 0.92].mean():.1%} of them the same"
        )


if __name__ == "__main__":
    main()
