"""The original model, all-MiniLM-L6-v2, in plain numpy: what the static model is fitted to resemble.

A BERT of six layers; a text's vector is the mean of its last hidden states, of unit length (the model's own README).
"""

import json
import pathlib
import struct

import numpy as np
from scipy.special import erf

DTYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


def read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Tensors by name. Format: u64 length, JSON header of that length, data."""
    raw = path.read_bytes()
    (header_bytes,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + header_bytes])
    header.pop("__metadata__", None)
    start = 8 + header_bytes
    return {
        name.removeprefix("bert."): np.frombuffer(
            raw[start + info["data_offsets"][0] : start + info["data_offsets"][1]], DTYPES[info["dtype"]]
        ).reshape(info["shape"])
        for name, info in header.items()
    }


def _layer_norm(x: np.ndarray, gain: np.ndarray, bias: np.ndarray, epsilon: float) -> np.ndarray:
    x = x - x.mean(-1, keepdims=True)
    x /= np.sqrt((x * x).mean(-1, keepdims=True) + epsilon)
    return x * gain + bias


class Teacher:
    """`encode(ids)` gives the vectors that sentence-transformers gives for the same pieces."""

    def __init__(self, model_dir: pathlib.Path):
        self.config = json.loads((model_dir / "config.json").read_text())
        self.weights = read_safetensors(model_dir / "model.safetensors")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        epsilon = self.config["layer_norm_eps"]
        return _layer_norm(x, self.weights[name + ".weight"], self.weights[name + ".bias"], epsilon)

    def _layer(self, x: np.ndarray, prefix: str) -> np.ndarray:
        batch, length, width = x.shape
        heads = self.config["num_attention_heads"]

        def split(name: str) -> np.ndarray:
            return self._linear(x, f"{prefix}.attention.self.{name}").reshape(batch, length, heads, -1).transpose(0, 2, 1, 3)

        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((width // heads) ** 0.5)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        context = (scores @ value).transpose(0, 2, 1, 3).reshape(batch, length, width)
        x = self._norm(self._linear(context, f"{prefix}.attention.output.dense") + x, f"{prefix}.attention.output.LayerNorm")
        inner = self._linear(x, f"{prefix}.intermediate.dense")
        inner *= 0.5 * (1 + erf(inner * np.float32(0.5**0.5)))
        return self._norm(self._linear(inner, f"{prefix}.output.dense") + x, f"{prefix}.output.LayerNorm")

    def _forward(self, ids: np.ndarray) -> np.ndarray:
        """`ids` of one length, [batch, length], so that nothing is padded and no mask is needed."""
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            x = self._layer(x, f"encoder.layer.{layer}")
        mean = x.mean(1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def encode(self, ids: list[list[int]], max_tokens_a_batch: int = 2048) -> np.ndarray:
        """Unit-length vectors of texts given as ids with [CLS] and [SEP]."""
        out = np.zeros((len(ids), self.config["hidden_size"]), np.float32)
        by_length: dict[int, list[int]] = {}
        for index, row in enumerate(ids):
            by_length.setdefault(len(row), []).append(index)
        for length, members in by_length.items():
            step = max(1, max_tokens_a_batch // length)
            for at in range(0, len(members), step):
                chosen = members[at : at + step]
                out[chosen] = self._forward(np.array([ids[i] for i in chosen], np.int64))
        return out
