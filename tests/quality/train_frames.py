"""Make the frame model from the training sentences and dev: `python -m tests.quality.train_frames`.

Multinomial logistic regression (scikit-learn, ``pip install -e .[train]``) over what
``frame_features`` and ``word_features`` say of every statement that names a licence. Nothing of
``check-*.txt`` and ``frozen-*.toml`` is read.
"""

from __future__ import annotations

import itertools
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dateline.rights.notices import frame_model
from dateline.rights.notices.frame_model import FrameModel
from dateline.rights.notices.read_notices import weighed_units
from dateline.rights.record import Frame
from dateline.rights.registry import LicenseRegistry, load_registry

from .detectors import CONFIG
from .gold import load_gold
from .sentences import load_sentences

UNIT_SENTENCES = Path(__file__).resolve().parents[1] / "unit" / "rights"
MODEL = Path(frame_model.__file__).with_name("frame_model.json")
# The rules were written against dev: what they say there is surer than elsewhere.
DEV_WEIGHT = 0.25
WEIGHTS_OF_TOLD = {"grants": 0.125, "grants_nothing": 0.25}
# Of a word that was seen once nothing is known.
MIN_SEEN = 2
INVERSE_REGULARISATION = 0.2
MIN_WEIGHT = 0.02


@dataclass(frozen=True, slots=True)
class Example:
    """What is known of one statement, and what it is."""

    features: frozenset[str]
    frame: Frame
    weight: float


def main() -> int:
    """Write the model; return the exit code."""
    examples = list(training_examples(load_registry(CONFIG / "licenses.toml")))
    model = fitted(examples)
    MODEL.write_text(as_text(model), encoding="utf-8")
    counts = ", ".join(f"{frame} {n}" for frame, n in Counter(e.frame for e in examples).items())
    sys.stdout.write(
        f"{len(examples)} statements ({counts}); {len(model.weights)} features; {MODEL.name}\n"
    )
    return 0


def as_text(model: FrameModel) -> str:
    """Return the model as JSON with one feature a line, so that a change can be read."""
    encode = msgspec.json.encode
    rows = ",\n".join(
        f"{encode(name).decode()}:{encode(model.weights[name]).decode()}"
        for name in sorted(model.weights)
    )
    head = f'"frames":{encode(model.frames).decode()},\n"bias":{encode(model.bias).decode()}'
    return f'{{{head},\n"weights":{{\n{rows}\n}}}}\n'


def training_examples(licenses: LicenseRegistry) -> Iterator[Example]:
    """Yield an example for each labelled statement that is found and names a licence."""
    for sentence in load_sentences("train"):
        labels = [(sentence.start, sentence.end, sentence.frame)]
        yield from _examples(sentence.body, sentence.language, labels, licenses, 1.0)
    yield from _told_examples(licenses)
    for item in load_gold("dev"):
        labels = [(notice.start, notice.end, notice.frame) for notice in item.notices]
        yield from _examples(item.body, item.language, labels, licenses, DEV_WEIGHT)


def _told_examples(licenses: LicenseRegistry) -> Iterator[Example]:
    """Yield the sentences that the unit tests of the rules know, behind the story and apart.

    Of those that grant nothing the rules say what they are.
    """
    for path in sorted(UNIT_SENTENCES.glob("notice_sentences*.toml")):
        for language, kinds in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if "story" not in kinds:
                continue
            for kind, gap in itertools.product(("grants", "grants_nothing"), (" ", "\n\n")):
                for sentence in kinds[kind]:
                    body = kinds["story"] + gap + sentence
                    for span, features, rules in weighed_units(body, licenses, language=language):
                        if span[1] <= len(kinds["story"]):
                            continue
                        frame = "grant_text" if kind == "grants" else _no_grant(rules.frame)
                        yield Example(features, frame, WEIGHTS_OF_TOLD[kind])


def _no_grant(frame: Frame) -> Frame:
    return "mention" if frame == "grant_text" else frame


def _examples(
    body: str,
    language: str,
    labels: Sequence[tuple[int, int, Frame]],
    licenses: LicenseRegistry,
    weight: float,
) -> Iterator[Example]:
    for span, features, _ in weighed_units(body, licenses, language=language):
        frames = [frame for start, end, frame in labels if span[0] < end and start < span[1]]
        if frames:
            yield Example(features, frames[-1], weight)


def fitted(examples: Sequence[Example]) -> FrameModel:
    """Return the model of the examples, without weights that say nothing."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    seen = Counter(feature for example in examples for feature in example.features)
    rows = [{f: 1.0 for f in sorted(e.features) if seen[f] >= MIN_SEEN} for e in examples]
    vectorizer = DictVectorizer()
    regression = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=5000)
    regression.fit(
        vectorizer.fit_transform(rows),
        [e.frame for e in examples],
        sample_weight=[e.weight for e in examples],
    )
    weights = {
        name: tuple(round(float(each), 3) for each in column)
        for name, column in zip(vectorizer.feature_names_, regression.coef_.T, strict=True)
    }
    return FrameModel(
        frames=tuple(str(each) for each in regression.classes_),  # type: ignore[arg-type]
        bias=tuple(round(float(each), 3) for each in regression.intercept_),
        weights={
            name: column for name, column in weights.items() if max(map(abs, column)) >= MIN_WEIGHT
        },
    )


if __name__ == "__main__":
    raise SystemExit(main())
