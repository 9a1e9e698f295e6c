"""Whether a picture is a frontal chest film that the models can judge: accept, warn or refuse, with a reason."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.gate.features import SIDE, describe, thumbnail
from core.gate.scorer import GateScorer, GateVerdict, read_scorer
from core.imaging.film import Film
from core.imaging.notes import NOT_FRONTAL_CHEST
from core.manifest import check_file
from core.paths import artifacts_dir
from core.types import UInt8Array

GATE_FILE = "gate/gate.npz"  # below the artifacts folder
INNER = slice(SIDE // 8, -SIDE // 8)  # of the thumbnail: a plain frame is no content
LEAST_SPREAD = 8.0  # gray levels; the plainest of the validation films has more than twice as much

REASONS = {
    "blank": "The picture is blank or nearly so: there is nothing on it to judge.",
    "invert": "The film looks inverted: export it with bones white and lungs dark.",
    "turn left": "The film looks turned on its side: turn it by 90 degrees counterclockwise, head up.",
    "turn round": "The film looks upside down: turn it by 180 degrees, head up.",
    "turn right": "The film looks turned on its side: turn it by 90 degrees clockwise, head up.",
    "other": (
        "We can't read this image: it doesn't look like a frontal chest X-ray. Crop to the X-ray, or upload the "
        "original export."
    ),
    "file says": "According to the file, this is not a frontal chest X-ray: treat the result with caution.",
    "warn": (
        "This looks only partly like the frontal chest films that the models learnt from: framing, exposure or "
        "position is unusual. Take the answer with caution."
    ),
}


@dataclass(frozen=True, kw_only=True)
class GateAnswer:
    """What the gate decides about one picture; a refusal says nothing about health.

    Parameters
    ----------
    verdict : {"accept", "warn", "refuse"}
    reason : str
        What is wrong and what to do; empty where the film is accepted. It does not repeat the notes of the file.
    score : float in [0, 1]
        Likeness to the chest films that the gate was fitted on; 0 for what is refused by a plain rule.
    """

    verdict: GateVerdict
    reason: str
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate:
    """A fitted gate; safe to share between threads.

    Parameters
    ----------
    scorer : GateScorer
    """

    scorer: GateScorer

    def check(self, film: Film) -> GateAnswer:
        """Judge one decoded film; the answer does not depend on its resolution, above 64 pixels a side.

        A note by which the file is no frontal chest film makes a warning of whatever score would be accepted.
        """
        small = thumbnail(film.pixels)
        if reason := ruled_out(film, small):
            return GateAnswer(verdict="refuse", reason=reason, score=0.0)
        features = describe(small[np.newaxis])
        score = float(self.scorer.score(features)[0])
        verdict = self.scorer.verdict(score)
        if verdict == "refuse":
            return GateAnswer(verdict="refuse", reason=REASONS[self.scorer.remedy(features) or "other"], score=score)
        reasons = [REASONS["warn"]] if verdict == "warn" else []
        if any(note.kind in NOT_FRONTAL_CHEST for note in film.notes):
            reasons.append(REASONS["file says"])
        return GateAnswer(verdict="warn" if reasons else "accept", reason=" ".join(reasons), score=score)


def ruled_out(film: Film, small: UInt8Array) -> str:
    """Why a plain rule refuses a film, given its thumbnail: too small, or blank; empty where none does."""
    width, height = film.size
    if min(width, height) < SIDE:
        return (
            f"The picture is too small: {width} × {height} pixels, at least {SIDE} a side are needed. "
            "Export the film at its own size."
        )
    return REASONS["blank"] if float(small[INNER, INNER].std()) < LEAST_SPREAD else ""


def load_gate() -> Gate:
    """Load the committed gate, once; raises `ArtifactError` if it is missing or damaged."""
    path = check_file(artifacts_dir() / GATE_FILE)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> Gate:
    return Gate(scorer=read_scorer(path))
