"""What others and the notebook reported on the same test films, and how honest each figure is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.evaluation.types import Estimate

NOT_REPORTED = "interval not reported"
ELSEWHERE = (
    "Published models that were trained on these films reached AUROC 0.54 and 0.65 at other hospitals "
    "(doi:10.1007/s10140-021-01954-x, doi:10.1371/journal.pdig.0000713)."
)


@dataclass(frozen=True, kw_only=True)
class PublishedResult:
    """A result on the official 624 test films that this project did not compute.

    Parameters
    ----------
    name : str
    origin : {"publication", "notebook"}
    source : str
        Where the figures were read.
    metrics : dict of str to Estimate
        Keyed by the names of `core.evaluation.metrics.METRICS`; what is missing was not reported.
    model : str or None
        Name in our registry of the model that repeats it.
    honesty : str
        One line: what is known of how the test films were used.
    """

    name: str
    origin: Literal["publication", "notebook"]
    source: str
    metrics: Mapping[str, Estimate]
    honesty: str
    model: str | None = None


def _point(value: float) -> Estimate:
    return Estimate(value=value, low=np.nan, high=np.nan, method=NOT_REPORTED)


def _points(**values: float) -> dict[str, Estimate]:
    return {name: _point(value) for name, value in values.items()}


_MEDMNIST = "MedMNIST v2, 10.1038/s41597-022-01721-8"
_MEDMNIST_HONESTY = "No interval and no threshold rule is quoted; accuracy is at the prevalence of the test films."
_NOTEBOOK = "The notebook that started this project"
_NOTEBOOK_HONESTY = (
    "The test films were not rescaled as the training films were, and its validation split mixed patients."
)


def _medmnist(model: str, pixels: int, accuracy: float, auroc: float) -> PublishedResult:
    return PublishedResult(
        name=f"{model}, {pixels} px",
        origin="publication",
        source=_MEDMNIST,
        metrics=_points(accuracy=accuracy, auroc=auroc),
        honesty=_MEDMNIST_HONESTY,
    )


def _notebook(name: str, model: str, **values: float) -> PublishedResult:
    return PublishedResult(
        name=name,
        origin="notebook",
        source=_NOTEBOOK,
        metrics=_points(**values),
        honesty=_NOTEBOOK_HONESTY,
        model=model,
    )


PUBLISHED = (
    PublishedResult(
        name="Kermany et al. 2018",
        origin="publication",
        source="Cell 2018, 10.1016/j.cell.2018.02.010",
        metrics=_points(accuracy=0.928, auroc=0.968, sensitivity=0.932, specificity=0.901),
        honesty="The paper that published the films; no interval is quoted.",
    ),
    _medmnist("ResNet-18", 28, 0.854, 0.944),
    _medmnist("ResNet-50", 28, 0.854, 0.948),
    _medmnist("auto-sklearn", 28, 0.855, 0.942),
    _medmnist("AutoKeras", 28, 0.878, 0.947),
    _medmnist("Google AutoML Vision", 28, 0.946, 0.991),
    _medmnist("ResNet-18", 224, 0.864, 0.956),
    _medmnist("ResNet-50", 224, 0.884, 0.962),
    PublishedResult(
        name="EfficientNetB0 ensemble",
        origin="publication",
        source="Source not public: a frozen ensemble with disjoint patients",
        metrics={
            "accuracy": Estimate(value=0.867, low=0.840, high=0.892, method="as reported"),
            "auroc": Estimate(value=0.975, low=0.962, high=0.985, method="as reported"),
            **_points(sensitivity=0.997, specificity=0.650),
        },
        honesty="Frozen before the test, patients disjoint, tested once: the cleanest of these results.",
    ),
    PublishedResult(
        name="MobileNetV3 model card",
        origin="publication",
        source="Source not public: a model card",
        metrics=_points(accuracy=0.936, auroc=0.981),
        honesty="Whether patients were kept apart is unknown.",
    ),
)

NOTEBOOK = (
    _notebook(
        "Notebook, CNN with Adam",
        "cnn_adam",
        accuracy=0.9006,
        ppv=0.88,
        sensitivity=0.97,
        f1_pneumonia=0.92,
        npv=0.94,
        specificity=0.79,
    ),
    _notebook("Notebook, CNN with SGD", "cnn_sgd", accuracy=0.88),
    _notebook("Notebook, CNN with RMSprop", "cnn_rmsprop", accuracy=0.92),
    _notebook("Notebook, CNN with Adam and dropout", "cnn_adam_dropout", accuracy=0.89),
)
