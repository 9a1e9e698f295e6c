"""Compute the targets that teachers give to augmented films (imports TensorFlow)."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from core.errors import UnknownModelError
from core.inference.model import Model
from core.models.spec import ModelSpec
from core.runs.store import committed_runs, find_run
from core.types import Float32Array

Teacher = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def make_teacher(spec: ModelSpec) -> Teacher | None:
    """Return a function from augmented films (n, H, W, 1) float32 and labels (n,) to the targets, (n,) float32.

    Returns None for a model that learns from labels alone.

    None for a model that learns from labels alone.

    Raises
    ------
    UnknownModelError
        A teacher is not there, or takes films of another size.
    """
    if spec.distillation is None:
        return None
    weight = spec.distillation.weight
    models = [Model(find_run(name, committed_runs())) for name in spec.distillation.teachers]
    for model in models:
        size = model.run.input
        if (size.height, size.width) != (spec.input.height, spec.input.width):
            raise UnknownModelError(
                f"{model.run.run_id} takes films of {size.height} x {size.width}, {spec.name} of "
                f"{spec.input.height} x {spec.input.width}: it cannot be its teacher."
            )

    def score(films: Float32Array) -> Float32Array:
        images = np.rint(films[..., 0]).astype(np.uint8)
        mean: Float32Array = np.mean([model.network.score(images)[0] for model in models], axis=0)
        return mean

    def teacher(films: tf.Tensor, y_true: tf.Tensor) -> tf.Tensor:
        teacher_score = tf.ensure_shape(tf.numpy_function(score, [films], tf.float32), y_true.shape)
        return weight * teacher_score + (1 - weight) * y_true

    return teacher
