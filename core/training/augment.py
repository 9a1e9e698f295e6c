"""Change a batch at random inside the training graph (imports TensorFlow)."""

import math

import tensorflow as tf

from core.models.spec import Augmentation


def augment(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Change each film's frame, then its gray values, then cover parts of it.

    Parameters
    ----------
    images : (n, H, W, C) float32
        In [0, 255], which the result keeps.
    augmentation : Augmentation
    seed : (2,) int32
        The same seed gives the same changes.
    """
    x = _reframe(images, augmentation, seed)
    x = _expose(x, augmentation, _fork(seed, 1))
    x = _soften(x, augmentation, _fork(seed, 2))
    x = _blacken_border(x, augmentation, _fork(seed, 3))
    return _cut_out(x, augmentation, _fork(seed, 4))


def _fork(seed: tf.Tensor, number: int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(seed, number)


def _draw(shape: tuple[int, ...], images: tf.Tensor, seed: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Draw uniform numbers (*shape, n), one column for each film."""
    return tf.random.stateless_uniform((*shape, tf.shape(images)[0]), seed, low, high)


def _reframe(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Zoom, shear, rotate, crop and flip around the centre in one step, edges repeated."""
    a = augmentation
    if not (a.shear or a.zoom or a.rotation or a.flip or a.crop != (1.0, 1.0)):
        return images
    height, width = images.shape[1], images.shape[2]
    draw = _draw((3,), images, seed, -1.0, 1.0)
    # Output pixel (x, y) shows input pixel (xx x + xy y, yx x + yy y), both counted from the centre.
    xx, yy = 1 / (1 + a.zoom * draw[0]), 1 / (1 + a.zoom * draw[1])
    xy, yx = a.shear * draw[2], tf.zeros_like(draw[2])
    shift_x = shift_y = yx
    if a.rotation or a.flip or a.crop != (1.0, 1.0):
        keep = _draw((2,), images, _fork(seed, 5), *a.crop) if a.crop != (1.0, 1.0) else tf.ones_like(draw[:2])
        placement = _draw((4,), images, _fork(seed, 6), -1.0, 1.0)
        shift_x = placement[0] * tf.maximum(1 - keep[0], 0.0) * width / 2
        shift_y = placement[1] * tf.maximum(1 - keep[1], 0.0) * height / 2
        angle = math.radians(a.rotation) * placement[2]
        cos, sin = tf.cos(angle), tf.sin(angle)
        xx, xy, yx, yy = xx * cos + xy * sin, xy * cos - xx * sin, yy * sin, yy * cos
        side = tf.where(placement[3] < 0, -1.0, 1.0) if a.flip else tf.ones_like(angle)
        xx, yx, xy, yy = xx * keep[0] * side, yx * keep[0] * side, xy * keep[1], yy * keep[1]
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    offset_x = centre_x - xx * centre_x - xy * centre_y + shift_x
    offset_y = centre_y - yy * centre_y - yx * centre_x + shift_y
    zero = tf.zeros_like(xx)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([xx, xy, offset_x, yx, yy, offset_y, zero, zero], axis=1),
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def _expose(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Change gamma, then contrast around the mean."""
    x = images
    draw = _draw((2,), images, seed, -1.0, 1.0)[..., tf.newaxis, tf.newaxis, tf.newaxis]
    if augmentation.gamma != 1:
        power = tf.exp(math.log(augmentation.gamma) * draw[0])
        x = 255 * tf.exp(power * tf.math.log(tf.maximum(x / 255, 1e-4)))
    if augmentation.contrast:
        mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
        x = tf.clip_by_value(mean + (1 + augmentation.contrast * draw[1]) * (x - mean), 0.0, 255.0)
    return x


def _soften(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Add blur, then noise."""
    x = images
    draw = _draw((2,), images, seed, 0.0, 1.0)[..., tf.newaxis, tf.newaxis, tf.newaxis]
    if augmentation.blur:
        share = augmentation.blur * draw[0]
        x = x + share * (_smooth(_smooth(x, 1), 2) - x)
    if augmentation.noise:
        # Even noise is a quarter of the work of normal noise; sqrt(3) makes its standard deviation 1.
        noise = tf.random.stateless_uniform(tf.shape(x), _fork(seed, 7), -math.sqrt(3), math.sqrt(3))
        x = tf.clip_by_value(x + augmentation.noise * draw[1] * noise, 0.0, 255.0)
    return x


def _smooth(x: tf.Tensor, axis: int) -> tf.Tensor:
    """Apply the binomial kernel 1 4 6 4 1 along an axis, edges mirrored."""
    size = x.shape[axis]
    padded = tf.pad(x, [[2, 2] if i == axis else [0, 0] for i in range(4)], "SYMMETRIC")
    parts = [padded[:, i : i + size] if axis == 1 else padded[:, :, i : i + size] for i in range(5)]
    return (parts[0] + parts[4] + 4 * (parts[1] + parts[3]) + 6 * parts[2]) / 16


def _blacken_border(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    if not augmentation.border:
        return images
    limit = augmentation.border
    low, high = tf.split(_draw((4,), images, seed, -limit, limit), 2)
    inside = _within(images, low, 1 - high)
    return images * tf.cast(inside, images.dtype)


def _cut_out(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    if not augmentation.cutout:
        return images
    draw = _draw((5,), images, seed, 0.0, 1.0)
    half = augmentation.cutout * draw[:2] / 2
    centre = tf.where(draw[4] < 0.5, draw[2:4], -1.0)  # out of the film in half of the cases
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return tf.where(_within(images, centre - half, centre + half), mean, images)


def _within(images: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> tf.Tensor:
    """Return the pixels inside a rectangle of each film; ``low`` and ``high`` (2, n) are shares of height and width."""
    masks = []
    for axis, size in enumerate(images.shape[1:3]):
        centre = (tf.range(size, dtype=tf.float32) + 0.5) / size
        masks.append((centre >= low[axis, :, tf.newaxis]) & (centre < high[axis, :, tf.newaxis]))
    return masks[0][:, :, tf.newaxis, tf.newaxis] & masks[1][:, tf.newaxis, :, tf.newaxis]
