"""The entities of spaCy's small models, and sentence starts, several times faster on one CPU core.

The entities are those of ``nlp.pipe`` with the model's ``ner`` alone; four things cost less:

1. Nothing else is loaded: the small models' ``ner`` brings its own ``tok2vec``.
2. Tokenising. spaCy 3.8 stops filling its cache of chunks at the first special case of a text
   ("don't"), so it splits most words anew each time. Here every new chunk is offered alone, once.
3. Token vectors. The embedding depends on the word form alone, so each form is embedded once; the
   convolutions run over many articles together, in blocks that stay in the processor's cache.
4. Decoding. While no entity is open, the parser's state is the current token alone, so one matrix
   product finds the best move of every token. Only the tokens that would open an entity are
   followed, all of them in lock-step.

Linear algebra is numpy's OpenBLAS. Start the process with ``OPENBLAS_NUM_THREADS=1``: in a pool,
one thread per worker is fastest. A model built in another way runs in spaCy's own code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np
import spacy
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from spacy.attrs import (  # type: ignore[import-not-found]  # Cython without a stub
    IDS,
    IS_PUNCT,
    IS_SPACE,
    ORTH,
)
from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc, Span
from spacy.util import get_model_meta, get_package_path, is_package
from thinc.api import NumpyOps

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]
Features = NDArray[np.uint64]
Entity = tuple[int, int, int]  # start and end token, hash of the label
Sentences = Literal["none", "rules", "lines", "senter"]

# 512 rows of 288 inputs and 288 outputs in float32 are 1.2 MB: they stay in a 2 MB level 2 cache.
_BLOCK_ROWS = 512
# Tokens whose vectors are computed together: bounds memory whatever the size of the batch.
_GROUP_TOKENS_COUNT = 8 * _BLOCK_ROWS
# Word forms whose embedding is kept: 96 floats each are 12 MB.
_CACHED_FORMS_COUNT = 32_768
# Chunks spaCy's tokenizer may remember; its own limit is 10,000.
_CACHED_CHUNKS_COUNT = 100_000
# A longer chunk (a link, a text without spaces) will hardly come again.
_CACHED_CHUNK_CHARS = 40
# A longer entity is followed alone, and only when the decoder reaches it: following all of them
# would cost the square of the length of a text whose every token opens an endless entity.
_LOCK_STEPS_COUNT = 32
_STILL_OPEN = -1
# Odd numbers without structure: the products of a form's attributes add up to one key.
_KEY_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
     0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3],
    dtype=np.uint64,
)  # fmt: skip


def load_ner(model_name: str, *, sentences: Sentences = "none") -> FastNer:
    """Return the entity recogniser of an installed spaCy model, without the rest of its pipeline.

    Args:
        model_name: import name or directory of the model.
        sentences: how sentence starts are found. ``rules``: as spaCy's ``sentencizer``. ``lines``:
            the same, and every line begins a sentence; white space never does. ``senter``: by
            the model's own part, before the entities as in the model's pipeline, so that no
            entity crosses a sentence start; the entities do not depend on the others.

    Raises:
        OSError: the model is not installed (spaCy's E050).
        ValueError: the model has no ``ner``, or no ``senter`` when that is asked for.
    """
    path = get_package_path(model_name) if is_package(model_name) else Path(model_name)
    components: list[str] = get_model_meta(path)["components"] if path.exists() else []
    wanted = {"ner", "senter"} if sentences == "senter" else {"ner"}
    if path.exists() and (missing := wanted - set(components)):
        raise ValueError(f"{model_name} has no {' and no '.join(sorted(missing))}")
    # Most models share their token vectors; the small ones have a second set in ``ner``.
    language = spacy.load(model_name, exclude=set(components) - wanted - {"tok2vec", "transformer"})
    for shared in {"tok2vec", "transformer"} & set(language.component_names):
        if not _listens(language):
            language.remove_pipe(shared)
    if sentences == "senter":
        language.enable_pipe("senter")
    use_openblas(language)
    return FastNer(language, sentences=sentences)


def use_openblas(language: Language) -> None:
    """Make every model of the pipeline multiply with numpy's BLAS instead of the slower BLIS."""
    ops = NumpyOps(use_blis=False)
    for _, pipe in language.components:
        if hasattr(pipe, "model"):
            for layer in pipe.model.walk():
                layer.ops = ops


def _listens(language: Language) -> bool:
    """Return whether the entity recogniser takes its token vectors from another pipe."""
    model: Any = language.get_pipe("ner")
    return any("listener" in layer.name for layer in model.model.walk())


class _SentenceFinder(Protocol):
    """Finds sentence starts from the token attributes ``columns``."""

    columns: tuple[int, ...]

    def find(self, features: Features, offsets: Ints) -> Flags:
        """Return for each token whether a sentence starts there; ``offsets`` cut into docs."""
        ...


class FastNer:
    """Entities of many texts at once; made by ``load_ner``, one per process, not thread-safe.

    Attributes:
        language: the loaded pipeline.
        is_batched: False when spaCy's own, slower code is used.
        fallback_reason: why it is used; empty when ``is_batched``.
    """

    def __init__(self, language: Language, *, sentences: Sentences) -> None:
        self.language = language
        self.is_batched = True
        self.fallback_reason = ""
        self._tokenizer = cast(Any, language.tokenizer)
        self._tokenizer.max_cache_size = _CACHED_CHUNKS_COUNT
        self._seen_chunks: set[str] = set()
        self._sentence_setter = Sentencizer()
        self._finder: _SentenceFinder | None = None
        self._sentences_bound_entities = sentences == "senter"
        if sentences in {"rules", "lines"}:
            self._finder = _SentenceRules(language, at_line_breaks=sentences == "lines")
        try:
            self._decoder = _Decoder(language.get_pipe("ner"))
            if sentences == "senter":
                self._finder = _SentenceModel(language.get_pipe("senter"))
        except _UnexpectedModelError as exc:
            self.is_batched = False
            self.fallback_reason = str(exc)

    def pipe(self, texts: Sequence[str]) -> list[Doc]:
        """Return one doc per text, in order, with ``doc.ents`` and the sentence starts asked for.

        spaCy's ``max_length`` is not applied: memory grows with the tokens of all ``texts``, about
        1 kB each, so the caller bounds them. Its tokenizer takes time that grows with the square
        of an unbroken run of symbols: 20,000 emoji without a space cost over a minute.

        Raises:
            UnicodeEncodeError: a text holds half a surrogate pair, which spaCy cannot store.
        """
        docs = [self._tokenise(text) for text in texts]
        if not self.is_batched:
            docs = list(self.language.pipe(docs))
        offsets = np.cumsum([0, *(len(doc) for doc in docs)])
        if not offsets[-1]:
            return docs
        starts = self._mark_sentences(docs, offsets)
        if self.is_batched:
            self._mark_entities(docs, offsets, starts)
        return docs

    def _tokenise(self, text: str) -> Doc:
        if len(self._seen_chunks) < _CACHED_CHUNKS_COUNT:
            for chunk in set(text.split()) - self._seen_chunks:
                if len(chunk) <= _CACHED_CHUNK_CHARS:
                    self._seen_chunks.add(chunk)
                    self._tokenizer(chunk)
        doc: Doc = self._tokenizer(text)
        return doc

    def _mark_sentences(self, docs: Sequence[Doc], offsets: Ints) -> Flags:
        if not self._finder:
            return np.zeros(offsets[-1], dtype=np.bool_)
        found = self._finder.find(_attributes(docs, self._finder.columns), offsets)
        starts, cuts = found.tolist(), offsets.tolist()
        self._sentence_setter.set_annotations(
            docs, [starts[first:end] for first, end in itertools.pairwise(cuts)]
        )
        return found

    def _mark_entities(self, docs: Sequence[Doc], offsets: Ints, sentence_starts: Flags) -> None:
        columns = self._decoder.encoder.columns
        features = _attributes(docs, (*columns, IS_SPACE))
        may_extend = np.ones(features.shape[0], dtype=np.bool_)
        may_extend[offsets[1:] - 1] = False
        if self._sentences_bound_entities:
            may_extend[:-1] &= ~sentence_starts[1:]
        entities = self._decoder.decode(
            features[:, : len(columns)], offsets, features[:, -1] != 0, may_extend
        )
        _set_entities(docs, offsets, entities)


class _UnexpectedModelError(Exception):
    """The model is not built as this module supposes; the message says where it differs."""


class _Decoder:
    """The greedy BILUO decoder of spaCy's ``TransitionBasedParser.v2``, all docs at once.

    Follows ``spacy/ml/parser_model.pyx`` (scores) and ``_parser_internals/ner.pyx`` (valid moves),
    for docs that come from the tokenizer, thus without entities set beforehand.
    """

    def __init__(self, ner: Any) -> None:
        _expect_greedy_ner(ner)
        to_vectors, lower, upper = ner.model.layers
        reduce = to_vectors.layers[2]
        self.encoder = _Encoder(to_vectors.layers[0])
        self._reduce, self._reduce_bias = reduce.get_param("W").T, reduce.get_param("b")
        weights = lower.get_param("W")
        self._hidden_width = weights.shape[1]
        self._lower = [_pieces_apart(part) for part in weights]
        self._pads = [part.T.reshape(-1) for part in lower.get_param("pad")[0]]
        self._lower_bias = lower.get_param("b").T.reshape(-1)
        self._upper, self._upper_bias = upper.get_param("W").T, upper.get_param("b")
        self._read_moves([ner.moves.get_class_name(i) for i in range(ner.moves.n_moves)])
        self._label_hashes = [ner.vocab.strings[label] for label in self._labels]

    def _read_moves(self, names: Sequence[str]) -> None:
        self._labels = [name[2:] for name in names if name.startswith("B-")]
        moves = [f"{kind}-{label}" for kind in "BILU" for label in self._labels]
        if sorted(names) != sorted([*moves, "O", "U-"]):
            raise _UnexpectedModelError("the moves are not B, I, L, U of each label and O")
        # With no entity open only B, U and O are valid; the first of equals wins, so order is kept.
        closed = [
            i for i, name in enumerate(names) if name == "O" or (name[0] in "BU" and name != "U-")
        ]
        self._closed_upper = np.ascontiguousarray(self._upper[:, closed])
        self._closed_bias = self._upper_bias[closed]
        kinds = np.array([names[i][0] for i in closed])
        self._is_begin = kinds == "B"
        self._begin_columns = np.flatnonzero(kinds == "B")
        self._entity_columns = np.flatnonzero(kinds != "O")
        label_numbers = {label: number for number, label in enumerate(self._labels)}
        self._label_of_column = np.array([label_numbers.get(names[i][2:], -1) for i in closed])
        self._in_columns = np.array([names.index(f"I-{label}") for label in self._labels])
        self._last_columns = np.array([names.index(f"L-{label}") for label in self._labels])

    def decode(
        self, features: Features, offsets: Ints, is_space: Flags, may_extend: Flags
    ) -> list[Entity]:
        """Return the entities of all docs, ordered by start; tokens count from the first doc.

        Args:
            features: the attributes ``encoder.columns`` of the tokens of all docs.
            offsets: first token of each doc, and the number of all tokens.
            is_space: whether the token is white space, on which no entity starts.
            may_extend: whether an entity may go on to the next token: not at the end of a doc, not
                into a sentence that starts there.
        """
        states = self.encoder.encode(features, offsets) @ self._reduce
        states += self._reduce_bias
        columns = np.empty(features.shape[0], dtype=np.intp)
        for rows in _blocks(features.shape[0]):
            columns[rows] = self._closed_moves(states[rows], is_space[rows], may_extend[rows])
        starts = np.flatnonzero(self._label_of_column[columns] >= 0)
        labels = self._label_of_column[columns[starts]]
        begins = self._is_begin[columns[starts]]
        ends = starts + 1
        ends[begins] = self._follow(states, may_extend, starts[begins], labels[begins])
        entities: list[Entity] = []
        free_from = 0
        for start, end, label in zip(starts.tolist(), ends.tolist(), labels.tolist(), strict=True):
            if start < free_from:
                continue
            free_from = end
            if end == _STILL_OPEN:
                free_from = self._follow_one(states, may_extend, start, label)
            entities.append((start, free_from, self._label_hashes[label]))
        return entities

    def _closed_moves(self, states: Floats, is_space: Flags, may_extend: Flags) -> Ints:
        """Return the column of the best valid move of each token while no entity is open."""
        sums = states @ self._lower[0]
        # In spaCy's order of additions: the sums are then equal to the last bit.
        sums += self._pads[1]
        sums += self._pads[2]
        sums += self._lower_bias
        scores = _largest_piece(sums, self._hidden_width) @ self._closed_upper
        scores += self._closed_bias
        scores[np.ix_(~may_extend, self._begin_columns)] = -np.inf
        scores[np.ix_(is_space, self._entity_columns)] = -np.inf
        columns: Ints = scores.argmax(axis=1)
        return columns

    def _follow(
        self,
        states: Floats,
        may_extend: Flags,
        starts: Ints,
        labels: Ints,
        *,
        steps_count: int = _LOCK_STEPS_COUNT,
    ) -> Ints:
        """Return the end of the entity opened at each start, all followed one token a step.

        An entity that is not closed after ``steps_count`` tokens gets the end ``_STILL_OPEN``.
        """
        ends = np.full(starts.shape, _STILL_OPEN)
        first_parts = states[starts] @ self._lower[1]
        in_columns, last_columns = self._in_columns[labels], self._last_columns[labels]
        is_open, tokens = np.arange(len(starts)), starts + 1
        for _ in range(steps_count):
            if not is_open.size:
                break
            sums = states[tokens] @ self._lower[0]
            sums += first_parts[is_open]
            sums += states[tokens - 1] @ self._lower[2]
            sums += self._lower_bias
            scores = _largest_piece(sums, self._hidden_width) @ self._upper
            scores += self._upper_bias
            # Only I and L of the open label are valid; of two equal scores the first move wins.
            rows, inner, last = np.arange(len(tokens)), in_columns[is_open], last_columns[is_open]
            gains = scores[rows, inner] - scores[rows, last]
            goes_on = may_extend[tokens] & ((gains > 0) | ((gains == 0) & (inner < last)))
            ends[is_open[~goes_on]] = tokens[~goes_on] + 1
            is_open, tokens = is_open[goes_on], tokens[goes_on] + 1
        return ends

    def _follow_one(self, states: Floats, may_extend: Flags, start: int, label: int) -> int:
        ends = self._follow(
            states, may_extend, np.array([start]), np.array([label]), steps_count=states.shape[0]
        )
        return int(ends[0])


class _Encoder:
    """Token vectors of spaCy's ``MultiHashEmbed`` and ``MaxoutWindowEncoder``."""

    def __init__(self, tok2vec: Any) -> None:
        _expect_tok2vec(tok2vec)
        embed, encode = tok2vec.layers
        columns = embed.layers[0].attrs["columns"]
        self.columns = tuple(IDS[c.upper()] if isinstance(c, str) else int(c) for c in columns)
        if len(self.columns) > len(_KEY_FACTORS):
            raise _UnexpectedModelError(f"{len(self.columns)} token attributes are embedded")
        self._hash_embed = embed.layers[2].layers[0]
        self._mix = embed.layers[3].layers[0]
        self._convolutions = [_convolution(layer) for layer in encode.layers[0].layers]
        self._pad = int(encode.attrs["pad"])
        self._width = self._convolutions[0].width
        self._window = self._convolutions[0].window
        self._row_of_form: dict[int, int] = {}
        self._forms = np.empty((_CACHED_FORMS_COUNT, self._width), dtype=np.float32)

    def encode(self, features: Features, offsets: Ints) -> Floats:
        """Return one vector per token from its attributes; ``offsets`` cut the tokens into docs."""
        vectors = np.empty((features.shape[0], self._width), dtype=np.float32)
        for first, last in _doc_groups(offsets.tolist()):
            start, end = offsets[first], offsets[last]
            lengths = np.diff(offsets[first : last + 1])
            vectors[start:end] = self._encode_group(features[start:end], lengths)
        return vectors

    def _encode_group(self, features: Features, lengths: Ints) -> Floats:
        # spaCy puts ``pad`` rows of zeros before, between and behind the docs; beyond these, each
        # layer reads zeros again, which are here ``window`` more rows at both ends.
        pads = np.repeat(np.arange(1, len(lengths) + 1), lengths) * self._pad
        places = np.arange(features.shape[0]) + pads + self._window
        rows_count = features.shape[0] + (len(lengths) + 1) * self._pad
        source = np.zeros((rows_count + 2 * self._window, self._width), dtype=np.float32)
        target = np.zeros_like(source)
        source[places] = self._embed(features)
        for layer in self._convolutions:
            _convolve(layer, source, target)
            source, target = target, source
        vectors: Floats = source[places]
        return vectors

    def _embed(self, features: Features) -> Floats:
        """Return the embedding of each row; only forms not kept from earlier calls are computed."""
        # Like all of spaCy, this takes two things with one 64-bit hash to be the same thing.
        keys = (features * _KEY_FACTORS[: features.shape[1]]).sum(axis=1, dtype=np.uint64)
        unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        if len(unique) > _CACHED_FORMS_COUNT:
            return self._embed_forms(features[first])[inverse]
        forms = unique.tolist()
        new = [i for i, form in enumerate(forms) if form not in self._row_of_form]
        if len(self._row_of_form) + len(new) > _CACHED_FORMS_COUNT:
            self._row_of_form.clear()
            new = list(range(len(forms)))
        if new:
            row = len(self._row_of_form)
            self._forms[row : row + len(new)] = self._embed_forms(features[first[new]])
            self._row_of_form.update((forms[i], row + n) for n, i in enumerate(new))
        rows = np.array([self._row_of_form[form] for form in forms])
        embedded: Floats = self._forms[rows[inverse]]
        return embedded

    def _embed_forms(self, features: Features) -> Floats:
        embedded: Floats = self._mix.predict(
            self._hash_embed.predict(np.ascontiguousarray(features))
        )
        return embedded


class _SentenceRules:
    """The sentence starts of spaCy's ``sentencizer``, and of lines when ``at_line_breaks``."""

    columns: tuple[int, ...] = (ORTH, IS_PUNCT, IS_SPACE)

    def __init__(self, language: Language, *, at_line_breaks: bool) -> None:
        self._strings = language.vocab.strings
        self._at_line_breaks = at_line_breaks
        marks = [self._strings.add(mark) for mark in Sentencizer().punct_chars]
        self._marks = np.array(marks, dtype=np.uint64)

    def find(self, features: Features, offsets: Ints) -> Flags:
        """Return for each token whether a sentence starts there; ``offsets`` cut into docs."""
        words, is_punct, is_space = features[:, 0], features[:, 1] != 0, features[:, 2] != 0
        is_mark = np.isin(words, self._marks)
        # The number of the doc, or of the line when sentences end with lines.
        parts = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        is_passed_over = is_punct & ~is_mark
        starts = np.zeros(len(words), dtype=np.bool_)
        if self._at_line_breaks:
            parts += np.cumsum(is_space & self._is_line_break(words, is_space))
            is_passed_over |= is_space
            tokens = np.flatnonzero(~is_space)
            starts[tokens[1:][parts[tokens[1:]] != parts[tokens[:-1]]]] = True
        # Other punctuation after a mark, such as a closing quote, is passed over.
        tokens = np.flatnonzero(~is_passed_over)
        before, after = tokens[:-1], tokens[1:]
        starts[after[is_mark[before] & ~is_mark[after] & (parts[before] == parts[after])]] = True
        starts[offsets[:-1][np.diff(offsets) > 0]] = True
        return starts

    def _is_line_break(self, words: Features, is_space: Flags) -> Flags:
        spaces = np.unique(words[is_space]).tolist()
        breaks = [word for word in spaces if len(f"{self._strings[word]}.".splitlines()) > 1]
        return np.isin(words, np.array(breaks, dtype=np.uint64))


class _SentenceModel:
    """The sentence starts of the model's ``senter``."""

    def __init__(self, senter: Any) -> None:
        _expect_layers(senter.model, "", "with_array(softmax)")
        softmax = senter.model.layers[1].layers[0]
        self._encoder = _Encoder(senter.model.layers[0])
        self._weights, self._bias = softmax.get_param("W").T, softmax.get_param("b")
        self.columns: tuple[int, ...] = self._encoder.columns

    def find(self, features: Features, offsets: Ints) -> Flags:
        """Return for each token whether a sentence starts there; ``offsets`` cut into docs."""
        scores = self._encoder.encode(features, offsets) @ self._weights
        scores += self._bias
        starts: Flags = scores.argmax(axis=1) == 1
        return starts


@dataclass(frozen=True, slots=True)
class _Convolution:
    """A window of ``2 * window + 1`` vectors, maxout, layer norm, and the residual sum."""

    weights: Floats  # (inputs, pieces * width), the pieces side by side
    bias: Floats
    gain: Floats
    shift: Floats
    window: int

    @property
    def width(self) -> int:
        """Floats per vector, the same before and after."""
        return int(self.gain.shape[0])


def _convolution(residual: Any) -> _Convolution:
    expand, normalised = residual.layers[0].layers
    maxout, norm = normalised.layers[0].layers
    return _Convolution(
        weights=_pieces_apart(maxout.get_param("W")),
        bias=maxout.get_param("b").T.reshape(-1),
        gain=norm.get_param("G"),
        shift=norm.get_param("b"),
        window=int(expand.attrs["window_size"]),
    )


def _pieces_apart(weights: Floats) -> Floats:
    """Return (units, pieces, inputs) as (inputs, pieces * units): maximum is fast on blocks."""
    return np.ascontiguousarray(weights.swapaxes(0, 1).reshape(-1, weights.shape[-1]).T)


def _convolve(layer: _Convolution, source: Floats, target: Floats) -> None:
    """Write the layer's output to all rows of ``target`` but the ``window`` ones at both ends.

    The steps are those of thinc's ``maxout``, ``layernorm`` and ``residual``, in their order.
    """
    width, window = layer.width, layer.window
    rows_count, inputs_count = source.shape[0] - 2 * window, width * (2 * window + 1)
    row_bytes, float_bytes = source.strides
    windows = as_strided(source, (rows_count, inputs_count), (row_bytes, float_bytes))
    inputs = np.empty((min(_BLOCK_ROWS, rows_count), inputs_count), dtype=np.float32)
    outputs = np.empty((inputs.shape[0], layer.weights.shape[1]), dtype=np.float32)
    for rows in _blocks(rows_count):
        count = min(rows.stop, rows_count) - rows.start
        np.copyto(inputs[:count], windows[rows])
        sums = np.matmul(inputs[:count], layer.weights, out=outputs[:count])
        sums += layer.bias
        best = _largest_piece(sums, width)
        best -= best.mean(axis=1, keepdims=True)
        variance = (best * best).mean(axis=1, keepdims=True)
        variance += 1e-08
        best *= variance**-0.5
        best *= layer.gain
        best += layer.shift
        inner = slice(rows.start + window, rows.start + window + count)
        np.add(source[inner], best, out=target[inner])


def _largest_piece(sums: Floats, width: int) -> Floats:
    """Return the elementwise maximum of the blocks of ``width`` columns, in a new array."""
    best = sums[:, :width].copy()
    for first in range(width, sums.shape[1], width):
        np.maximum(best, sums[:, first : first + width], out=best)
    return best


def _blocks(rows_count: int) -> Iterator[slice]:
    for first in range(0, rows_count, _BLOCK_ROWS):
        yield slice(first, first + _BLOCK_ROWS)


def _doc_groups(offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield [first, last) docs that have at least ``_GROUP_TOKENS_COUNT`` tokens together."""
    first = 0
    for last in range(1, len(offsets)):
        if offsets[last] - offsets[first] >= _GROUP_TOKENS_COUNT or last == len(offsets) - 1:
            yield first, last
            first = last


def _attributes(docs: Sequence[Doc], columns: Sequence[int]) -> Features:
    """Return one row per token of all docs, one column per attribute."""
    features: Features = np.concatenate([doc.to_array(list(columns)) for doc in docs])
    return features.reshape(-1, len(columns))


def _set_entities(docs: Sequence[Doc], offsets: Ints, entities: Sequence[Entity]) -> None:
    bounds = np.searchsorted([start for start, _, _ in entities], offsets).tolist()
    for number, (doc, offset) in enumerate(zip(docs, offsets.tolist(), strict=False)):
        own = entities[bounds[number] : bounds[number + 1]]
        doc.set_ents(
            [Span(doc, start - offset, end - offset, label=label) for start, end, label in own]
        )


def _expect_greedy_ner(ner: Any) -> None:
    _expect_layers(ner.model, "", "precomputable_affine", "linear")
    _expect_layers(ner.model.layers[0], "", "list2array", "linear")
    tokens_count = ner.model.layers[1].get_param("W").shape[0]
    # The token, the first one of the entity and the last one of the entity so far.
    if tokens_count != 3:  # noqa: PLR2004 - explained by the line above
        raise _UnexpectedModelError(f"the parser's state has {tokens_count} tokens, not 3")
    if ner.cfg["beam_width"] != 1:
        raise _UnexpectedModelError("the parser keeps a beam")
    if ner.model.attrs["unseen_classes"]:
        raise _UnexpectedModelError("the parser has moves it was not trained on")


def _expect_tok2vec(tok2vec: Any) -> None:
    hash_embeds = "ints-getitem>>hashembed"
    mixing = "with_array(maxout>>layernorm>>dropout)"
    convolution = "residual(expand_window>>maxout>>layernorm>>dropout)"
    _expect_layers(tok2vec, "", "")
    embed, encode = tok2vec.layers
    _expect_layers(embed, "extract_features", "list2ragged", "", mixing, "ragged2list")
    concatenated = embed.layers[2].layers[0]
    _expect_layers(concatenated, *[hash_embeds] * len(embed.layers[0].attrs["columns"]))
    _expect_layers(encode, ">>".join([convolution] * encode.name.count("residual")))


def _expect_layers(model: Any, *names: str) -> None:
    """Raise unless the layers of ``model`` have these names, an empty one standing for any."""
    found = [layer.name for layer in model.layers]
    if len(found) != len(names) or any(
        name not in ("", actual) for name, actual in zip(names, found, strict=False)
    ):
        raise _UnexpectedModelError(f"the layers of {model.name!r} are {found}")
