from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from dateline.rights.sentences import split_sentences
from processors.enrich.clean_text import clean_text
from processors.enrich.identify_language import LanguageGuess, identify_language

ROOT = Path(__file__).resolve().parents[3]
# The place of the development data is no setting of the pipeline.
DATA = os.environ.get("DATELINE_DATA_DIR")
DATA_DIR = Path(DATA) if DATA else ROOT.parent / "shared" / "data"

SENTENCES = [
    ("fr", "Le ministre a rencontré mardi les agriculteurs de la vallée pour parler de l'eau."),
    ("fr", "Les négociations reprendront la semaine prochaine, selon le porte-parole."),
    ("fr", "La pluie n'a pas cessé depuis trois jours et le barrage est presque plein."),
    ("de", "Der Minister hat am Dienstag die Bauern im Tal getroffen, um über Wasser zu sprechen."),
    ("de", "Die Verhandlungen werden nächste Woche fortgesetzt, sagte ein Sprecher der Regierung."),
    ("es", "El ministro se reunió el martes con los agricultores del valle para hablar del agua."),
    ("es", "Las negociaciones continuarán la próxima semana, dijo un portavoz del gobierno."),
    ("fa", "وزیر روز سه‌شنبه با کشاورزان دره درباره آب گفت‌وگو کرد و از آنان تشکر کرد."),
    ("fa", "سخنگوی دولت گفت که مذاکرات هفته آینده ادامه خواهد یافت."),
    ("ar", "التقى الوزير يوم الثلاثاء بمزارعي الوادي للحديث عن المياه."),
    ("ar", "قال متحدث باسم الحكومة إن المفاوضات ستستمر الأسبوع المقبل."),
    ("it", "Il ministro ha incontrato martedì gli agricoltori della valle per parlare dell'acqua."),
    ("en", "The minister met the farmers of the valley on Tuesday to talk about water."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "sentence"), SENTENCES)
def test_identify_language_knows_a_sentence(code: str, sentence: str) -> None:
    guess = identify_language(sentence, None)
    assert guess.code == code
    assert 0.5 < guess.confidence <= 1


@pytest.mark.parametrize("seed", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda path: path.stem)
def test_identify_language_of_the_seeds_and_their_sentences(seed: Path) -> None:
    text = clean_text(seed.read_text(encoding="utf-8")).text
    guess = identify_language(text, None)
    assert guess.code == "en"
    assert guess.confidence > 0.99
    codes = [identify_language(text[a:b], None).code for a, b in split_sentences(text)]
    assert codes == ["en"] * len(codes)


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        pytest.param("Talks in Doha", "fr-FR", "fr", id="short-text-declared"),
        pytest.param("Talks in Doha", "eng", "en", id="three-letters"),
        pytest.param("Talks in Doha", "not a code", "en", id="bad-code"),
        pytest.param("Talks in Doha", "und", "en", id="declared-unknown"),
        pytest.param("Talks in Doha", None, "en", id="short-text-undeclared"),
        pytest.param(SENTENCES[0][1] + " " + SENTENCES[1][1], "en", "fr", id="long-text-decides"),
        pytest.param("2015 – 12:30, 4.5 %", "en", "und", id="no-letters"),
        pytest.param("", None, "und", id="empty"),
    ],
)
def test_identify_language_weighs_what_is_declared(
    text: str, declared: str | None, code: str
) -> None:
    assert identify_language(text, declared).code == code


def test_identify_language_says_nothing_without_letters() -> None:
    assert identify_language("...", None) == LanguageGuess("und", 0.0)


def _guess(text: str) -> str:
    return identify_language(text, None).code


def test_identify_language_works_in_a_spawned_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_guess, [SENTENCES[0][1]]) == ["fr"]


def test_identify_language_of_the_development_texts() -> None:
    path = DATA_DIR / "stories" / "docs.jsonl"
    if not path.exists():
        pytest.skip(f"development data not found at {path}")
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    step = max(1, len(texts) // 100)
    codes = [identify_language(text, None).code for text in texts[::step]]
    assert codes.count("en") / len(codes) >= 0.99
