"""Writes what the `tokenizers` library makes of some texts with a model file's vocabulary, for the tokenizer's spec in libs/embedding.

A line a text: {"text": …, "ids": […]}; an unknown word is -1.
"""

import json
import pathlib
import random
import sys

from evaluate import read_model
from vocabulary import UNKNOWN, encode, make_tokenizer

SAMPLES = [
    "How do I reset my password?",
    "Write a SQL query that joins `orders` and order_items on order_id, grouped by MONTH(created_at).",
    "unbelievably, the well-known electroencephalographically-minded co-author's e-mail: a.b@example.com!",
    "¿Dónde está la biblioteca? Où est la bibliothèque? Straße, naïve café, Ærøskøbing, Łódź, İstanbul, ẞ",
    "Solve x² + 3x − 4 = 0; α ≤ β·γ, 10% of $1,234.56 or €99 at 25°C",
    "ΟΔΥΣΣΕΥΣ ΣΑΣ Привет, как дела? 你好吗？我很好。 東京タワー 한국어 สวัสดี नमस्ते שלום مرحبا",
    "\ufefftab\tand\nnew line\r\n, vertical\x0btab, form\x0cfeed, nul\x00, bell\x07, no\u00adbreak, zero\u200bwidth, nb\u00a0space, \u2028line",
    "e\u0301 vs \u00e9; \ufb01ligature; \U0001f680 rocket; \U00020000 rare; a\u0300\u0301\u0302b; \u1e9b\u0323",
    "a" * 100,
    "b" * 101,
    "é" * 101,
    "",
    "  \n ",
    "...!!!???---___+++===<>|~^`$",
    "iPhone 15 Pro Max vs. Samsung Galaxy S24 Ultra: which has 5G and 120Hz?",
]
BLOCKS = [
    (32, 126), (160, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x900, 0x97F), (0xE00, 0xE7F),
    (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x4FFF), (0xAC00, 0xAD00),
    (0xF900, 0xFA6D), (0xFE30, 0xFFEE), (0x1F300, 0x1F6C5), (0x20000, 0x20100), (1, 31), (127, 160),
]  # fmt: skip


def random_text(chance: random.Random) -> str:
    text = ""
    for _ in range(chance.randint(1, 30)):
        first, last = chance.choice(BLOCKS) if chance.random() < 0.5 else BLOCKS[0]
        text += chr(chance.randint(first, last))
        if chance.random() < 0.2:
            text += " "
    return text


def main() -> None:
    model, target = map(pathlib.Path, sys.argv[1:3])
    pieces, _ = read_model(model)
    chance = random.Random(11)
    texts = SAMPLES + [random_text(chance) for _ in range(400)]
    rows = encode(make_tokenizer([*pieces, UNKNOWN]), texts, 10**6)
    with open(target, "w", encoding="utf-8") as file:
        for text, ids in zip(texts, rows):
            ids = [-1 if index == len(pieces) else index for index in ids]
            file.write(json.dumps({"text": text, "ids": ids}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
