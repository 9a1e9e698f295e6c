"""Explain where in a film a score comes from: three methods, all on the logit, signed, without gradients.

Each method is a generator of `ExplanationStep`, so that a page can show progress and can stop; `explain` runs one to
its end. Values are logits: positive where a place speaks for pneumonia, negative where it speaks for normal. The map of
a film of one gray level is all zeros.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.explain.geometry import Grid, enlarge, is_blank, layer_grid
from core.inference.network import CAM, Network
from core.runs.architecture import LayerInfo
from core.runs.record import Run
from core.types import Float32Array, UInt8Array

OCCLUSION, SCORE_CAM = "occlusion", "score_cam"
PATCH, STRIDE = 5 / 32, 3 / 32  # of the shorter side: ten patches along it, each overlapping the next by two fifths
BATCH = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """A map of one film for one model.

    Parameters
    ----------
    method : str
        Name in `METHODS`.
    values : (h, w) float32
        Logits, positive towards pneumonia; zeros where there is no evidence.
    rows, columns : Grid
        The places of the values on the model's input.
    """

    method: str
    values: Float32Array
    rows: Grid
    columns: Grid

    @property
    def blank(self) -> bool:
        """Whether no place moves the logit by more than 0.001."""
        return is_blank(self.values)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplanationStep:
    """Progress of a method.

    Parameters
    ----------
    done, total : int
        Films scored so far, and in all.
    explanation : Explanation
        The map so far: zeros where it is not yet computed. The last step has the whole map.
    """

    done: int
    total: int
    explanation: Explanation


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to explain a score.

    Parameters
    ----------
    name, title : str
    needs_maps : bool
        Whether it takes a network with feature maps.
    meaning : str
        One sentence: what the map shows and what it cannot show.
    source : str
        The publication.
    steps : callable
        ``steps(network, image (H, W) uint8)`` to an iterator of `ExplanationStep`, at least one.
    """

    name: str
    title: str
    needs_maps: bool
    meaning: str
    source: str
    steps: Callable[[Network, UInt8Array], Iterator[ExplanationStep]]


def activation_steps(network: Network, image: UInt8Array) -> Iterator[ExplanationStep]:
    """HiResCAM in one step: what each place of the last feature map adds to the logit."""
    layer = _last_map(network)
    values = network.activation_map(image)
    if values is None or image.min() == image.max():  # what the biases alone add is no evidence of a place
        values = np.zeros(layer.shape[:2], np.float32)
    yield ExplanationStep(done=1, total=1, explanation=_on_layer(CAM, values, image, layer))


def occlusion_steps(
    network: Network, image: UInt8Array, *, patch: int | None = None, stride: int | None = None
) -> Iterator[ExplanationStep]:
    """Cover the film patch by patch with its mean gray and measure the logit's change (Zeiler and Fergus, 2014).

    Parameters
    ----------
    network : Network
        Any, also without feature maps.
    image : (H, W) uint8
        As the model sees it.
    patch, stride : int, optional
        Side of a patch and distance between two, in pixels of the input; 5 and 3 parts in 32 of the shorter side.

    Yields
    ------
    ExplanationStep
        Values: plain logit less the one with the patch covered: the patch's contribution.
    """
    height, width = image.shape
    patch = patch or max(2, int(PATCH * min(image.shape)))
    stride = stride or max(1, int(STRIDE * min(image.shape)))
    rows = Grid(step=stride, first=(patch - 1) / 2, receptive_field=patch, size=height)
    columns = Grid(step=stride, first=(patch - 1) / 2, receptive_field=patch, size=width)
    shape = (height - patch) // stride + 1, (width - patch) // stride + 1
    corners = [(row * stride, column * stride) for row in range(shape[0]) for column in range(shape[1])]
    plain = network.score(image[np.newaxis])[1][0]
    gray = _mean(image)
    values = np.zeros(len(corners), np.float32)
    for begin in range(0, len(corners), BATCH):
        part = corners[begin : begin + BATCH]
        covered = np.repeat(image[np.newaxis], len(part), axis=0)
        for film, (top, left) in zip(covered, part, strict=True):
            film[top : top + patch, left : left + patch] = gray
        values[begin : begin + len(part)] = plain - network.score(covered)[1]
        explanation = Explanation(method=OCCLUSION, values=values.reshape(shape).copy(), rows=rows, columns=columns)
        yield ExplanationStep(done=begin + len(part), total=len(corners), explanation=explanation)


def score_cam_steps(network: Network, image: UInt8Array) -> Iterator[ExplanationStep]:
    """Score-CAM (Wang et al. 2020, arXiv:1910.01279) with its sign kept.

    Each map of the last layer, from 0 to 1, is laid over the film as a mask; its weight is the logit of the masked film
    less that of a film of the mean gray alone. The weighted masks are averaged. The paper takes the softmax of the
    weights and cuts negative values, which would leave nothing that speaks for normal.

    Yields
    ------
    ExplanationStep
        Values on the grid of the last feature map.
    """
    layer = _last_map(network)
    maps = network.feature_map(image, layer.name)
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    active = np.flatnonzero(high > low)
    masks = (maps[:, :, active] - low[active]) / (high[active] - low[active])
    values = np.zeros(layer.shape[:2], np.float32)
    if not len(active):
        yield ExplanationStep(done=1, total=1, explanation=_on_layer(SCORE_CAM, values, image, layer))
        return
    gray = _mean(image)
    blank = network.score(np.full((1, *image.shape), gray, np.uint8))[1][0]
    difference = image.astype(np.float32) - gray
    grids = _grids(image, layer)
    for begin in range(0, len(active), BATCH):
        part = masks[:, :, begin : begin + BATCH]
        enlarged = np.moveaxis(enlarge(part, *grids), 2, 0)
        weights = network.score(np.rint(gray + enlarged * difference).astype(np.uint8))[1] - blank
        values = values + part @ weights / len(active)
        done = begin + part.shape[2]
        yield ExplanationStep(done=done, total=len(active), explanation=_on_layer(SCORE_CAM, values, image, layer))


METHODS = {
    method.name: method
    for method in (
        Method(
            name=CAM,
            title="Class activation map",
            needs_maps=True,
            meaning=(
                "Shows how much each place of the network's last feature map adds to the logit, the sum behind "
                "the score; it cannot show detail finer than that map, nor whether the place is diseased."
            ),
            source="HiResCAM, Draelos and Carin 2020, arXiv:2011.08891",
            steps=activation_steps,
        ),
        Method(
            name=OCCLUSION,
            title="Occlusion map",
            needs_maps=False,
            meaning=(
                "Shows how far the logit, the sum behind the score, moves when a patch of the film is covered with the "
                "film's mean gray; it cannot show places that matter only together, and a covered patch is something "
                "that no film has."
            ),
            source="Zeiler and Fergus 2014, arXiv:1311.2901",
            steps=occlusion_steps,
        ),
        Method(
            name=SCORE_CAM,
            title="Score-CAM",
            needs_maps=True,
            meaning=(
                "Shows which places light up in the feature maps that, laid over the film as masks, change the logit, "
                "the sum behind the score, most; it cannot show what one place adds, since each mask covers many."
            ),
            source="Wang et al. 2020, arXiv:1910.01279, with its sign kept",
            steps=score_cam_steps,
        ),
    )
}


def methods_for(run: Run) -> list[Method]:
    """Return the methods that work for a run."""
    return [method for method in METHODS.values() if run.has_feature_maps or not method.needs_maps]


def explain(network: Network, image: UInt8Array, method: str) -> Explanation:
    """Return the whole map of a method for one prepared film (H, W) uint8.

    Raises
    ------
    InputError
        The method needs feature maps and the network has none.
    """
    chosen = METHODS[method]
    if chosen.needs_maps and not network.maps:
        raise InputError(f"This model has no feature maps, so there is no {chosen.title}; use the occlusion map.")
    *_, last = chosen.steps(network, image)
    return last.explanation


def _last_map(network: Network) -> LayerInfo:
    if not network.maps:
        raise InputError("This model has no feature maps; use the occlusion map.")
    return network.maps[-1]


def _on_layer(method: str, values: Float32Array, image: UInt8Array, layer: LayerInfo) -> Explanation:
    rows, columns = _grids(image, layer)
    return Explanation(method=method, values=values, rows=rows, columns=columns)


def _grids(image: UInt8Array, layer: LayerInfo) -> tuple[Grid, Grid]:
    height, width = image.shape
    return layer_grid(layer, 0, height), layer_grid(layer, 1, width)


def _mean(image: UInt8Array) -> int:
    return round(float(image.mean()))
