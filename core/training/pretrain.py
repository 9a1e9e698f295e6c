"""Pretrain a network by contrast on films without their labels (imports TensorFlow)."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from core.models.spec import ModelSpec, Pretraining
from core.training.augment import augment
from core.training.state import Epoch, State
from core.types import UInt8Array

PretrainStep = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
TRUNK = "average"  # the layer whose output represents a film
WEIGHT_DECAY = 1e-4


def pretrain(
    model: keras.Model,
    spec: ModelSpec,
    pixels: UInt8Array,
    *,
    seed: int,
    checkpoint: Path,
    fingerprint: str,
    resume: bool,
    progress: bool,
) -> list[Epoch]:
    """Teach ``model`` up to its layer ``average`` to tell films apart, in place; the layers behind it stay as they are.

    Parameters
    ----------
    model : keras.Model
        Of ``spec``.
    spec : ModelSpec
        With ``pretraining``; views of a film are drawn by its augmentation.
    pixels : (n, H, W) uint8
    seed : int
    checkpoint : Path
        State after the last full epoch.
    fingerprint : str
        What the checkpoint belongs to.
    resume : bool
        Go on from ``checkpoint`` where it exists and belongs to the same task.
    progress : bool

    Returns
    -------
    list of Epoch
        ``loss`` is the contrastive loss, ``accuracy`` the share of views whose nearest other view is of the same film;
        there is no validation, so its fields are NaN.
    """
    settings = spec.pretraining
    assert settings is not None
    trunk = model.get_layer(TRUNK).output
    hidden = keras.layers.Dense(trunk.shape[-1], activation="relu", name="head1")(trunk)
    views = keras.Model(model.input, keras.layers.Dense(settings.features, dtype="float32", name="head2")(hidden))
    steps = max(1, len(pixels) // settings.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.epochs * steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(views.trainable_variables)
    state = State(views, optimizer, checkpoint, fingerprint, "last")
    if resume:
        state.load()

    def step(images: tf.Tensor, draw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        films = tf.cast(images, tf.float32)[..., tf.newaxis]
        pair = [
            augment(films, spec.train.augmentation, tf.random.experimental.stateless_fold_in(draw, view))
            for view in (0, 1)
        ]
        x = tf.repeat(tf.concat(pair, axis=0), spec.input.channels, axis=-1)
        with tf.GradientTape() as tape:
            loss, matched = contrast(views(x, training=True), settings.temperature)
        optimizer.apply(tape.gradient(loss, views.trainable_variables), views.trainable_variables)
        return loss, matched

    run = cast(PretrainStep, tf.function(step, reduce_retracing=True))
    bar = tqdm(total=settings.epochs, initial=len(state.history), unit="epoch", disable=not progress)
    bar.set_description(f"{spec.name}-s{seed} pretraining")
    while len(state.history) < settings.epochs:
        number = len(state.history) + 1
        start = time.perf_counter()
        figures = _run_epoch(run, pixels, settings, steps, seed, number)
        state.add(
            Epoch(
                epoch=number,
                loss=figures[0],
                accuracy=figures[1],
                validation_loss=np.nan,
                validation_accuracy=np.nan,
                seconds=time.perf_counter() - start,
            )
        )
        state.save()
        bar.set_postfix(loss=f"{figures[0]:.3f}", found=f"{figures[1]:.3f}")
        bar.update()
    bar.close()
    return state.history


def contrast(views: tf.Tensor, temperature: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the normalised temperature-scaled cross-entropy of 2 n views, and the share of views matched.

    Views i and i + n are of one film; a view is matched if its nearest other view is of the same film.

    Parameters
    ----------
    views : (2 n, features) float32
    temperature : float
    """
    unit = tf.math.l2_normalize(views, axis=1)
    count = tf.shape(unit)[0]
    likeness = tf.matmul(unit, unit, transpose_b=True) / temperature - 1e9 * tf.eye(count)
    partner = tf.math.floormod(tf.range(count) + count // 2, count)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=partner, logits=likeness)
    matched = tf.argmax(likeness, axis=1, output_type=tf.int32) == partner
    return tf.reduce_mean(loss), tf.reduce_mean(tf.cast(matched, tf.float32))


def _run_epoch(
    step: PretrainStep,
    pixels: UInt8Array,
    settings: Pretraining,
    steps: int,
    seed: int,
    number: int,
) -> tuple[float, float]:
    """Return mean loss and mean share matched over an epoch of full batches, whose films are drawn anew."""
    order = np.random.default_rng([seed, number, 1]).permutation(len(pixels))
    totals = np.zeros(2)
    for batch in range(steps):
        rows = np.sort(order[batch * settings.batch_size :][: settings.batch_size])
        draw = tf.constant([seed * 1000 + number, 100_000 + batch], tf.int32)
        totals += [float(value) for value in step(tf.constant(pixels[rows]), draw)]
    return float(totals[0] / steps), float(totals[1] / steps)
