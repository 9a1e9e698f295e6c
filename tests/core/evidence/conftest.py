"""A drawn data set with planted shortcuts, and runs whose graph scores a film by its brightness alone."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from core.manifest import write_manifest
from core.models.registry import get_model
from core.runs.architecture import Architecture
from core.runs.record import Run, RunRecord
from core.runs.store import read_run
from tests.support.films import draw_film


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 train and 24 test films, square; pneumonia films are brighter by 20 gray levels and noisier."""
    root = tmp_path_factory.mktemp("planted")
    for split, patients in (("train", 16), ("test", 6)):
        for label in ("NORMAL", "PNEUMONIA"):
            folder = root / split / label
            folder.mkdir(parents=True)
            for patient in range(patients):
                for number in range(2):
                    seed = 10_000 * (split == "test") + 1_000 * (label == "NORMAL") + 10 * patient + number
                    pixels = draw_film(seed=seed, width=64, height=64).astype(float)
                    name = f"IM-{patient:04d}-{number:04d}.jpeg"
                    if label == "PNEUMONIA":
                        pixels += 20 + np.random.default_rng(seed).normal(0, 12, pixels.shape)
                        name = f"person{patient}_{'virus' if number else 'bacteria'}_{number}.jpeg"
                    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / name, quality=90)
    return root


def brightness_graph(slope: float, size: int = 64) -> bytes:
    """A serving graph with logit = slope * (mean gray level / 255 - 0.45)."""
    constants = [
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
        helper.make_tensor("middle", TensorProto.FLOAT, [], [0.45]),
        helper.make_tensor("slope", TensorProto.FLOAT, [], [slope]),
    ]
    nodes = [
        helper.make_node("Cast", ["image"], ["gray"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["gray"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["share"]),
        helper.make_node("Sub", ["share", "middle"], ["beyond"]),
        helper.make_node("Mul", ["beyond", "slope"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["score"]),
    ]
    inputs = [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", size, size])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in ("score", "logit")]
    graph = helper.make_graph(nodes, "brightness", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def scores_of_test(folder: Path, seed: int) -> Scores:
    """Random scores of the test films of a data set folder, pneumonia higher."""
    names = sorted(path.relative_to(folder).as_posix() for path in (folder / "test").rglob("*.jpeg"))
    truth = np.array(["PNEUMONIA" in name for name in names]).astype(np.int64)
    draw = np.random.default_rng(seed).uniform(0, 0.7, len(names))
    patients = np.array([name.rsplit("/", 1)[1].rsplit("_" if "person" in name else "-", 1)[0] for name in names])
    return Scores(sample_id=np.array(names), cluster_id=patients, y_true=truth, y_score=draw + 0.3 * truth)


def write_brightness_run(out: Path, data: Path, seed: int, slope: float) -> Run:
    """Write a run of the dense model whose graph looks at brightness, with scores for every split."""
    folder = out / f"dense-s{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    graph = brightness_graph(slope)
    onnx.checker.check_model(graph)
    (folder / "model.onnx").write_bytes(graph)
    for split in ("validation", "stress_validation", "test"):
        write_scores(scores_of_test(data, seed), folder / f"scores_{split}.csv")
    record = RunRecord(
        run_id=folder.name,
        model="dense",
        seed=seed,
        created="2026-01-01T00:00:00+00:00",
        spec=json.loads(json.dumps(get_model("dense").to_dict())),
        data_hash="drawn",
        films={},
        versions={},
        epochs=1,
        best_epoch=1,
        seconds=0.0,
        parameters=1,
        multiply_adds=1,
        milliseconds=0.0,
        parity={},
        architecture=Architecture(layers=(), skips=()),
        threshold=0.5,
        threshold_rule={},
        thresholds={},
        calibration={"method": "none", "prevalence": 0.5},
        calibration_brier={},
        conformal={"alpha": 0.1, "highest_normal": 1.0, "lowest_pneumonia": 0.0},
        selection={"mean": 0.9},
        weights_hash=hashlib.sha256(graph).hexdigest(),
    )
    (folder / "run.json").write_text(record.to_json())
    write_manifest()
    return read_run(folder, own=False)
