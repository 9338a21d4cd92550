"""Reads the texts that the static model is fitted to. No label is read, only text."""

import csv
import glob
import gzip
import json
import pathlib
import random
import re

MAX_FILE_CHARACTERS = 60_000
MAX_TEXT_CHARACTERS = 700


def read_pairs(path: str) -> list[tuple[str, str]]:
    """JSON lines with the texts `a` and `b`."""
    with open(path, encoding="utf-8") as lines:
        return [(row["a"], row["b"]) for row in map(json.loads, lines)]


def read_prompts(path: str) -> list[str]:
    """A CSV file with a column `prompt`; long prompts are cut, the model's own limit being 256 pieces."""
    with open(path, encoding="utf-8", newline="") as rows:
        return [row["prompt"][:MAX_TEXT_CHARACTERS] for row in csv.DictReader(rows)]


def _sentences_of(path: str) -> list[str]:
    try:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8", errors="ignore") as file:
            text = file.read(MAX_FILE_CHARACTERS)
    except OSError:
        return []
    if path.endswith(".py"):
        text = "\n\n".join(re.findall(r'"""(.*?)"""', text, re.S))
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        plain = re.sub(r"\s+", " ", re.sub(r"[`*#>|_\[\]]", " ", paragraph)).strip()
        for sentence in re.split(r"(?<=[.!?])\s+", plain):
            letters = sum(c.isalpha() or c == " " for c in sentence)
            if 20 <= len(sentence) <= 240 and letters > 0.85 * len(sentence):
                found.append(sentence)
    return found


def read_sentences(patterns: list[str], limit: int, seed: int) -> list[str]:
    """Distinct sentences of prose in files that match the patterns (`**` goes into folders), in random order."""
    files = sorted({path for pattern in patterns for path in glob.glob(pattern, recursive=True) if pathlib.Path(path).is_file()})
    random.Random(seed).shuffle(files)
    seen: dict[str, None] = {}
    for path in files[:12_000]:
        for sentence in _sentences_of(path):
            seen.setdefault(sentence)
    sentences = list(seen)
    random.Random(seed).shuffle(sentences)
    return sentences[:limit]
