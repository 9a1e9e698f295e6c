"""Precision follows the processor: bfloat16 where it has instructions for it, float32 where it would emulate them."""

import pytest

from core.models.registry import get_model
from core.training import processor

MODERN = "flags\t\t: fpu avx2 avx512f avx512_bf16 amx_bf16\n"
OLDER = "flags\t\t: fpu sse4_2 avx2\n"


@pytest.mark.parametrize(("text", "expected"), [(MODERN, "mixed_bfloat16"), (OLDER, "float32"), (None, "float32")])
def test_precision_is_what_the_processor_has_instructions_for(text, expected, tmp_path, monkeypatch) -> None:
    info = tmp_path / "cpuinfo"
    if text:
        info.write_text(text)
    monkeypatch.setattr(processor, "CPU_INFO", info)
    spec = get_model("residual")
    assert spec.train.precision == "mixed_bfloat16"
    found = processor.with_supported_precision(spec)
    assert found.train.precision == expected
    assert (found is spec) == (expected == "mixed_bfloat16")
