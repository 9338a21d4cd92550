"""Makes libs/embedding/model/static-model.bin. See README.md for the command and for what comes out.

Deterministic but for the last bits of floating point sums.
"""

import argparse
import collections
import os
import pathlib
import re

import numpy as np

from edits import replace_words
from fit import Steps, count_pieces, refine, starting_table
from model_file import fit_levels, quantizer, unknown_rows, write_model
from original import MAX_PIECES, Original
from texts import read_pairs, read_prompts, read_sentences
from vocabulary import UNKNOWN, choose_pieces, encode, make_tokenizer

UNKNOWN_ROWS = 512
EDITS_A_WORD = 4
COUNTED_SENTENCES = 100_000
"""Sentences of documentation that say which pieces occur; only some of them take part in the fit, which is the slow part."""


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", nargs="+", required=True, help="JSON lines with the texts a and b")
    parser.add_argument("--prompts", nargs="*", default=[], help="CSV files with a column prompt")
    parser.add_argument("--docs", nargs="*", default=[], help="patterns of documentation files (quoted, ** for folders)")
    parser.add_argument("--sentences", type=int, default=25_000, help="sentences of documentation in the fit")
    parser.add_argument("--sure-ids", type=int, default=24_000, help="pieces below this id are kept even if no text has them")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for downloads and computed vectors")
    parser.add_argument("--model-id", default="static-384-v2")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    return parser.parse_args()


class Corpus:
    """The texts of the fit, each once, and the pairs among them by their indices."""

    def __init__(self, pairs: list[tuple[str, str]], others: list[str]):
        self.texts = list(dict.fromkeys([text for pair in pairs for text in pair] + others))
        place = {text: index for index, text in enumerate(self.texts)}
        self.pairs = np.array([(place[a], place[b]) for a, b in pairs])


def main() -> None:
    arguments = read_arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    original = Original(arguments.work)
    pairs = [pair for path in arguments.pairs for pair in read_pairs(path)]
    prompts = [prompt for path in arguments.prompts for prompt in read_prompts(path)]
    sentences = read_sentences(arguments.docs, COUNTED_SENTENCES, seed=1)

    questions = list(dict.fromkeys(text for pair in pairs for text in pair))
    counts = collections.Counter()
    for row in encode(original.tokenizer, questions + prompts + sentences, MAX_PIECES):
        counts.update(row)
    pieces = choose_pieces(original.pieces, counts, arguments.sure_ids)
    words = [piece for piece in pieces if re.fullmatch("[a-z]{2,}|[0-9]{1,4}", piece)]
    edits = replace_words(questions, words, EDITS_A_WORD, seed=7)
    corpus = Corpus(pairs + edits, prompts + sentences[: arguments.sentences])
    print(len(pieces), "pieces,", len(corpus.texts), "texts,", len(corpus.pairs), "pairs", flush=True)

    targets = original.vectors(corpus.texts)
    tokenizer = make_tokenizer([*pieces, UNKNOWN])
    unknown = len(pieces)
    ids = [[index for index in row if index != unknown] for row in encode(tokenizer, corpus.texts, MAX_PIECES)]
    bags = count_pieces(ids, len(pieces))
    places = {piece: index for index, piece in enumerate(original.pieces)}
    alone = original.piece_vectors()[[places[piece] for piece in pieces]]

    table = starting_table(alone, bags, targets)
    table = refine(table, bags, targets, corpus.pairs, Steps(), report=lambda words, _: print(words, flush=True))
    levels = fit_levels(table)
    table = refine(table, bags, targets, corpus.pairs, Steps(epochs=1, rate=0.01, seed=2), quantize=quantizer(levels))
    length = float(np.median(np.linalg.norm(table, axis=1)))
    table = np.vstack([table, unknown_rows(UNKNOWN_ROWS, table.shape[1], length)])
    write_model(arguments.out, arguments.model_id, pieces, UNKNOWN_ROWS, table, levels)
    print(os.path.getsize(arguments.out), "bytes")


if __name__ == "__main__":
    main()
