"""The notebook beside ours: a row for each figure that it printed, placed where we have an interval."""

from core.evaluation.evaluate import Evaluation
from core.evaluation.types import Estimate
from core.results.notebook import MISSING, notebook_rows, place
from core.results.published import NOTEBOOK
from tests.support.scores import evaluation_with

NAN = float("nan")


def evaluation(value: float) -> Evaluation:
    figure = Estimate(value=value, low=value - 0.02, high=value + 0.01, method="m")
    return evaluation_with(**{metric: figure for result in NOTEBOOK for metric in result.metrics})


def test_every_reported_figure_has_a_row_and_ours_stand_beside_their_model() -> None:
    found = notebook_rows({"cnn_adam": evaluation(0.9)}, {"cnn_adam": evaluation(0.8)})
    assert len(found) == sum(len(result.metrics) for result in NOTEBOOK)
    accuracy = next(row for row in found if (row["Network"], row["Figure"]) == ("CNN with Adam", "Accuracy"))
    assert accuracy == {
        "Network": "CNN with Adam",
        "Figure": "Accuracy",
        "Notebook": "90.1 %",
        "Here, threshold 0.5": "90.0 % (88.0 to 91.0)",
        "Notebook lies": "within our interval",
        "Here, frozen threshold": "80.0 % (78.0 to 81.0)",
    }
    sgd = next(row for row in found if row["Network"] == "CNN with SGD")
    assert (sgd["Here, threshold 0.5"], sgd["Notebook lies"], sgd["Here, frozen threshold"]) == (MISSING, "–", MISSING)


def test_a_reported_figure_is_placed_only_beside_a_known_interval() -> None:
    interval = Estimate(value=0.91, low=0.88, high=0.92, method="m")
    words = [place(value, interval) for value in (0.87, 0.88, 0.92, 0.93)]
    assert words == ["below our interval", "within our interval", "within our interval", "above our interval"]
    assert place(0.9, Estimate(value=1.0, low=NAN, high=NAN, method="none")) == "–"
