"""Random shear and zoom of a batch inside the training graph (imports TensorFlow)."""

import tensorflow as tf

from core.models.spec import Augmentation


def augment(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Shear and zoom each film around its centre, edges repeated.

    Parameters
    ----------
    images : (n, H, W, C) float32
    augmentation : Augmentation
    seed : (2,) int32
        The same seed gives the same changes.
    """
    if not augmentation.shear and not augmentation.zoom:
        return images
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    draw = tf.random.stateless_uniform((3, count), seed, -1.0, 1.0)
    scale_x, scale_y = 1 / (1 + augmentation.zoom * draw[0]), 1 / (1 + augmentation.zoom * draw[1])
    shear = augmentation.shear * draw[2]
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    zero = tf.zeros_like(shear)
    offset_x = centre_x - scale_x * centre_x - shear * centre_y
    offset_y = centre_y - scale_y * centre_y
    transforms = tf.stack([scale_x, shear, offset_x, zero, scale_y, offset_y, zero, zero], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
