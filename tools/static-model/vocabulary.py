"""Which pieces of the original's vocabulary are kept, and tokenizers for both vocabularies."""

import collections
import pathlib
import unicodedata

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"


def read_pieces(model_dir: pathlib.Path) -> list[str]:
    """The original's pieces, in the order of their ids."""
    return (model_dir / "vocab.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")


def make_tokenizer(pieces: list[str]) -> Tokenizer:
    """BERT's uncased tokenizer with this vocabulary; gives ids without [CLS] and [SEP]."""
    ids = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str], limit: int) -> list[list[int]]:
    return [encoding.ids[:limit] for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]


def _is_kept_character(character: str, continues: bool) -> bool:
    """Signs, digits and Latin letters; Greek ones where they stand alone, as in formulas.

    Words of other scripts come out as unknown, and an unknown word gets a row by its hash: that tells them apart, which letters
    alone, in a bag, do not.
    """
    if not unicodedata.category(character).startswith("L") or character.isascii():
        return True
    name = unicodedata.name(character, "")
    return name.startswith("LATIN") or (not continues and name.startswith("GREEK SMALL"))


def choose_pieces(pieces: list[str], counts: collections.Counter, sure_ids: int) -> list[str]:
    """Kept: single characters as above, and longer ASCII pieces below `sure_ids` (ids follow frequency) or seen in the texts."""
    kept = []
    for index, piece in enumerate(pieces):
        continues = piece.startswith("##") and len(piece) > 2
        body = piece[2:] if continues else piece
        if len(body) == 1:
            if _is_kept_character(body, continues):
                kept.append(piece)
        elif not body.startswith("[") and body.isascii() and (index < sure_ids or counts[index] > 0):
            kept.append(piece)
    return kept
