"""Four-bit rows and the file that libs/embedding/src/static/model-file.ts reads (its layout is described there)."""

import json
import struct

import numpy as np

LEVELS = 16


def fit_levels(table: np.ndarray, rounds: int = 40) -> np.ndarray:
    """Sixteen levels, symmetric about zero, for values over their row's root mean square (Lloyd 1982)."""
    values = np.abs(table / row_scales(table)[:, None]).ravel()
    values = np.sort(np.random.default_rng(0).choice(values, min(len(values), 400_000), replace=False))
    upper = np.quantile(values, (np.arange(LEVELS // 2) + 0.5) / (LEVELS // 2))
    for _ in range(rounds):
        borders = np.searchsorted(values, (upper[1:] + upper[:-1]) / 2)
        upper = np.array([part.mean() for part in np.split(values, borders)])
    return np.concatenate([-upper[::-1], upper]).astype(np.float32)


def row_scales(table: np.ndarray) -> np.ndarray:
    return np.maximum(np.sqrt((table * table).mean(1)), 1e-9).astype(np.float32)


def to_codes(table: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes of four bits, [rows, dimension], and the scales that fit them best."""
    scales = row_scales(table)
    borders = (levels[1:] + levels[:-1]) / 2
    codes = np.searchsorted(borders, table / scales[:, None]).astype(np.uint8)
    chosen = levels[codes]
    scales = (table * chosen).sum(1) / np.maximum((chosen * chosen).sum(1), 1e-9)
    return codes, scales.astype(np.float32)


def from_codes(codes: np.ndarray, scales: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return levels[codes] * scales[:, None]


def quantizer(levels: np.ndarray):
    """What the table becomes in the file."""
    return lambda table: from_codes(*to_codes(table, levels), levels)


def unknown_rows(count: int, dimension: int, length: float) -> np.ndarray:
    """Fixed random directions for words that the vocabulary cannot spell."""
    rows = np.random.default_rng(20).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True) * length


def write_model(path, model_id: str, pieces: list[str], unknown: int, table: np.ndarray, levels: np.ndarray) -> None:
    codes, scales = to_codes(table, levels)
    header = json.dumps(
        {
            "modelId": model_id,
            "dimension": table.shape[1],
            "pieces": len(pieces),
            "unknownRows": unknown,
            "levels": [round(float(level), 6) for level in levels],
        },
    ).encode()
    header += b" " * (-len(header) % 4)
    packed = codes[:, 0::2] | (codes[:, 1::2] << 4)
    with open(path, "wb") as file:
        file.write(b"CSM1" + struct.pack("<I", len(header)) + header)
        file.write(scales.astype("<f4").tobytes() + packed.tobytes() + "\n".join(pieces).encode())
