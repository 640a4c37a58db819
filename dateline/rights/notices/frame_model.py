"""Weigh the features of a unit: how likely each frame is.

The model is a multinomial logistic regression over ``frame_features`` and, for what no lexicon
knows, the words themselves; ``python -m tests.quality.train_frames`` makes it from the training
sentences, and ``frame_model.json`` holds its weights by name, so that every answer can be taken
apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import get_args

import msgspec

from dateline.rights.record import Frame

_FILE = "frame_model.json"


class FrameModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights of the frames by feature; ``frames`` gives their order."""

    frames: tuple[Frame, ...]
    bias: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]

    def probabilities(self, features: Iterable[str]) -> Mapping[Frame, float]:
        """Return how likely each frame is; the sum is 1. Unknown features count nothing."""
        known = (self.weights[feature] for feature in features if feature in self.weights)
        scores = [sum(column) for column in zip(self.bias, *known, strict=True)]
        most = max(scores)
        exponentials = [math.exp(score - most) for score in scores]
        total = sum(exponentials)
        return {frame: each / total for frame, each in zip(self.frames, exponentials, strict=True)}


@cache
def load_frame_model() -> FrameModel:
    """Return the model that is shipped.

    Raises:
        ValueError: the file does not fit the frames that are known.
    """
    content = (files(__package__) / _FILE).read_bytes()
    model = msgspec.json.decode(content, type=FrameModel)
    if not set(model.frames) <= set(get_args(Frame)) or len(model.bias) != len(model.frames):
        raise ValueError(f"{_FILE}: its frames are {', '.join(model.frames)}")
    return model
