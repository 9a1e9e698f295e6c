"""Run the training loop (imports TensorFlow): seeded, checkpointed each epoch, ended early or by a schedule."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from core.data.arrays import Films
from core.models.spec import ModelSpec, TrainSpec
from core.training.augment import augment
from core.training.distil import Teacher, make_teacher
from core.training.pretrain import pretrain
from core.training.state import Epoch, State
from core.types import Float64Array, UInt8Array

TrainStep = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
Predictor = Callable[[UInt8Array], Float64Array]
_OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A trained Keras model holding the weights of the epoch that its spec keeps, and how it got there.

    ``seconds`` is the wall time of all epochs, those without labels included; ``history`` holds the others.
    """

    model: keras.Model
    history: list[Epoch]
    best_epoch: int
    seconds: float


def fit(
    spec: ModelSpec,
    train: Films,
    validation: Films,
    *,
    seed: int,
    checkpoint: Path,
    resume: bool = False,
    progress: bool = True,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Fit:
    """Train a model until its validation loss stops falling, or to the end of its schedule.

    Random numbers are drawn from the seed and the epoch's number, so a resumed run equals an undisturbed one.

    Parameters
    ----------
    spec : ModelSpec
    train, validation : Films
        Decoded at the model's input size.
    seed : int
    checkpoint : Path
        File with the state after the last full epoch; removed by the caller once the run is written.
    resume : bool
        Go on from ``checkpoint`` where it exists and belongs to the same spec, data and seed; otherwise start anew.
    progress : bool
        Show a progress bar with the remaining time on standard error.
    on_epoch : callable, optional
        Called after each epoch, also for those that a checkpoint holds: a search judges a resumed trial as if it had
        never been cut off.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = build(spec)
    optimizer = make_optimizer(spec.train, len(train.y_true))
    optimizer.build(model.trainable_variables)
    state = State(model, optimizer, checkpoint, _fingerprint(spec, train, validation, seed), spec.train.keep)
    pretraining_epochs: list[Epoch] = []
    if spec.pretraining:
        pretraining_epochs = pretrain(
            model,
            spec,
            train.pixels,
            seed=seed,
            checkpoint=checkpoint.with_name(f"pretraining-{checkpoint.name}"),
            fingerprint=state.fingerprint,
            resume=resume,
            progress=progress,
        )
    if resume and (checkpoint.is_file() or not pretraining_epochs):
        state.load()
        if on_epoch:
            for epoch in state.history:
                on_epoch(epoch)
    step, logits_of = _train_step(model, optimizer, spec, make_teacher(spec)), make_predictor(model)
    done = len(state.history)
    with tqdm(total=spec.train.max_epochs, initial=done, unit="epoch", disable=not progress) as bar:
        bar.set_description(f"{spec.name}-s{seed}")
        while not state.finished(spec.train):
            number = len(state.history) + 1
            epoch = _run_epoch(step, logits_of, train, validation, spec.train, seed, number)
            state.add(epoch)
            state.save()
            bar.set_postfix(validation_loss=f"{epoch.validation_loss:.4f}", best=state.best_epoch)
            bar.update()
            if on_epoch:
                on_epoch(epoch)
    for variable, value in zip(model.variables, state.best, strict=True):
        variable.assign(value)
    seconds = sum(epoch.seconds for epoch in [*pretraining_epochs, *state.history])
    return Fit(model=model, history=state.history, best_epoch=state.best_epoch, seconds=round(seconds, 1))


def build(spec: ModelSpec) -> keras.Model:
    """Build the untrained network in the arithmetic of its training."""
    keras.config.set_dtype_policy(spec.train.precision)
    try:
        return spec.build(spec)
    finally:
        keras.config.set_dtype_policy("float32")


def make_optimizer(settings: TrainSpec, films: int) -> keras.Optimizer:
    """Return the optimizer of a spec; a schedule counts its steps from the number of training films."""
    options: dict[str, Any] = {"global_clipnorm": settings.clip_norm} if settings.clip_norm else {}
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        steps = -(-films // settings.batch_size)
        warmup = round(settings.warmup_epochs * steps)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else rate,
            decay_steps=max(1, settings.max_epochs * steps - warmup),
            warmup_target=rate if warmup else None,
            warmup_steps=warmup,
        )
    if settings.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **options)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimizer
    return _OPTIMIZERS[settings.optimizer](rate, **options)


def _train_step(model: keras.Model, optimizer: keras.Optimizer, spec: ModelSpec, teacher: Teacher | None) -> TrainStep:
    def step(images: tf.Tensor, y_true: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = augment(tf.cast(images, tf.float32)[..., tf.newaxis], spec.train.augmentation, seed)
        target = y_true if teacher is None else teacher(x, y_true)
        x = tf.repeat(x, spec.input.channels, axis=-1)
        with tf.GradientTape() as tape:
            logit = model(x, training=True)[:, 0]
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logit))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss, tf.reduce_mean(tf.cast((logit >= 0) == (y_true > 0.5), tf.float32))

    return cast(TrainStep, tf.function(step, reduce_retracing=True))


def _run_epoch(
    step: TrainStep,
    logits_of: Predictor,
    train: Films,
    validation: Films,
    settings: TrainSpec,
    seed: int,
    number: int,
) -> Epoch:
    start = time.perf_counter()
    order = np.random.default_rng([seed, number]).permutation(len(train.y_true))
    totals = np.zeros(2)
    for batch, begin in enumerate(range(0, len(order), settings.batch_size)):
        rows = np.sort(order[begin : begin + settings.batch_size])
        draw = tf.constant([seed * 1000 + number, batch], tf.int32)
        loss, accuracy = step(tf.constant(train.pixels[rows]), tf.constant(train.y_true[rows], tf.float32), draw)
        totals += len(rows) * np.array([float(loss), float(accuracy)])
    loss, accuracy = totals / len(order)
    logits = logits_of(validation.pixels)
    y = validation.y_true
    validation_loss = float(np.mean(np.logaddexp(0, logits) - y * logits))
    return Epoch(
        epoch=number,
        loss=float(loss),
        accuracy=float(accuracy),
        validation_loss=validation_loss,
        validation_accuracy=float(np.mean((logits >= 0) == (y == 1))),
        seconds=time.perf_counter() - start,
    )


def predict_logits(model: keras.Model, pixels: UInt8Array) -> Float64Array:
    """Return logits of gray films (n, H, W) uint8 through the Keras model; (n,) float64."""
    return make_predictor(model)(pixels)


def make_predictor(model: keras.Model, batch_size: int = 256) -> Predictor:
    """Return a function like `predict_logits` that traces the model's graph once, however often it is called."""
    channels = model.input_shape[-1]
    graph = tf.function(model, reduce_retracing=True)

    def call(films: UInt8Array) -> tf.Tensor:
        x = tf.repeat(tf.cast(films, tf.float32)[..., tf.newaxis], channels, axis=-1)
        return graph(x, training=False)[:, 0]

    def logits_of(pixels: UInt8Array) -> Float64Array:
        parts = [call(pixels[i : i + batch_size]).numpy() for i in range(0, len(pixels), batch_size)]
        return np.concatenate(parts).astype(np.float64)

    return logits_of


def _fingerprint(spec: ModelSpec, train: Films, validation: Films, seed: int) -> str:
    """Return the hash of what a checkpoint belongs to: spec, films and seed."""
    settings = [spec.name, asdict(spec.input), spec.layers, asdict(spec.train), seed]
    settings += [asdict(extra) for extra in (spec.distillation, spec.pretraining) if extra]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for films in (train, validation):
        digest.update(films.pixels.tobytes())
    return digest.hexdigest()


def discard(checkpoint: Path) -> None:
    """Remove a checkpoint's folder once its run has been written."""
    shutil.rmtree(checkpoint.parent, ignore_errors=True)
