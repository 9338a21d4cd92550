"""Texts with one word replaced, so that the fit sees every word of the vocabulary, and what one word changes."""

import random
import re

WORD = re.compile(r"[A-Za-z]{3,}")
MAX_WORDS = 30


def replace_words(texts: list[str], words: list[str], rounds: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of a text and its edit; each word is put into `rounds` texts, in the place of another one."""
    chance = random.Random(seed)
    bases = [text for text in texts if 3 <= len(text.split()) <= MAX_WORDS and WORD.search(text)]
    pairs = []
    for _ in range(rounds):
        for word in words:
            base = chance.choice(bases)
            place = chance.choice(list(WORD.finditer(base)))
            pairs.append((base, base[: place.start()] + word + base[place.end() :]))
    return pairs
