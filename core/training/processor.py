"""Detect whether this machine multiplies bfloat16 numbers; emulated they cost 4 to 10 times as much as float32."""

import logging
from dataclasses import replace
from pathlib import Path

from core.models.spec import ModelSpec

CPU_INFO = Path("/proc/cpuinfo")
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # the last is Arm's

logger = logging.getLogger(__name__)


def has_bfloat16() -> bool:
    """Return whether there is a GPU or a processor with bfloat16 instructions; False where that is unknown."""
    import tensorflow as tf  # takes seconds

    if tf.config.list_physical_devices("GPU"):
        return True
    return bool(BFLOAT16_FLAGS & set(CPU_INFO.read_text().split())) if CPU_INFO.is_file() else False


def with_supported_precision(spec: ModelSpec) -> ModelSpec:
    """Return the spec, its precision float32 where bfloat16 would be emulated."""
    if spec.train.precision == "float32" or has_bfloat16():
        return spec
    logger.warning("No bfloat16 instructions here: %s is trained in float32.", spec.name)
    return replace(spec, train=replace(spec.train, precision="float32"))
