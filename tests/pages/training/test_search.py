"""What Training says of the searches: the highest, the served and the plain choice, one and many."""

import pytest

from core.training.search_files import TrialRow
from core.training.search_tables import Configuration, SearchPlan
from pages.training.search import highest_in_words, plain_in_words, served_in_words, trials_in_words


def tried(name: str, mean: float, parameters: int = 300, seeds: int = 3, plain: float = 0.9) -> Configuration:
    return Configuration(
        name=name,
        title=name.capitalize(),
        question="?",
        seeds=seeds,
        epochs=18,
        parameters=parameters,
        validation_auroc=plain,
        stress_validation_auroc=0.8,
        mean=mean,
        low=mean - 0.0002,
        high=mean + 0.0005,
    )


WIDE, LONG, SHORT, POOR = (
    tried("wide", 0.9956, 700),
    tried("long", 0.9952),
    tried("short", 0.9947),
    tried("poor", 0.9, 10),
)


@pytest.mark.parametrize(
    ("trainings", "best", "sentence"),
    [
        (
            1,
            tried("one", 0.9, seeds=1),
            "**1 training of 1 configuration. Highest mean AUROC of plain and stress validation, median seed: *One* "
            "(`one`) with 0.9000 (one seed).**",
        ),
        (
            3,
            WIDE,
            "**3 trainings of 1 configuration. Highest mean AUROC of plain and stress validation, median seed: *Wide* "
            "(`wide`) with 0.9956 (0.9954 to 0.9961 over 3 seeds).**",
        ),
    ],
)
def test_the_highest(trainings: int, best: Configuration, sentence: str) -> None:
    assert highest_in_words(trainings, [best]) == sentence


@pytest.mark.parametrize(
    ("configurations", "name", "sentence"),
    [
        ([WIDE, LONG], "wide", "It is the one served."),
        ([WIDE, LONG], "dense", ""),
        (
            [WIDE, LONG, POOR],
            "long",
            "**Served is *Long* (`long`) with 0.9952 (0.9950 to 0.9957 over 3 seeds).** The rule: the highest is "
            "taken, but within 0.002 of it the smallest network: 300 parameters against 700.",
        ),
        (
            [WIDE, LONG, SHORT],
            "long",
            "**Served is *Long* (`long`) with 0.9952 (0.9950 to 0.9957 over 3 seeds).** The rule: the highest is "
            "taken, but within 0.002 of it the smallest network: 300 parameters against 700. Of the 2 as small it is "
            "the highest.",
        ),
        (
            [WIDE, LONG, SHORT],
            "short",
            "**Served is *Short* (`short`) with 0.9947 (0.9945 to 0.9952 over 3 seeds).** It was chosen among the "
            "models that are committed.",
        ),
    ],
)
def test_the_served(configurations: list[Configuration], name: str, sentence: str) -> None:
    assert served_in_words(configurations, name) == sentence


def test_plain_validation_alone() -> None:
    assert plain_in_words([WIDE, LONG]) == ""
    assert plain_in_words([WIDE, tried("plain", 0.95, plain=0.99)]) == (
        "On plain validation alone *Plain* (`plain`) would win with 0.9900, but it reaches 0.8000 on stress "
        "validation, *Wide* (`wide`) 0.8000."
    )


BEST = TrialRow(
    search="residual", trial=1, state="complete", settings={"learning_rate": 0.00123, "width": 24}, mean=0.96
)
PRUNED = TrialRow(search="residual", trial=0, state="pruned", settings={"learning_rate": 0.004, "width": 12})
PLAN = SearchPlan(sampler="TPESampler", trials=40, epochs=12)


@pytest.mark.parametrize(
    ("trials", "plan", "sentence"),
    [
        ([PRUNED], None, "**1 trial**."),
        (
            [BEST, PRUNED],
            PLAN,
            "**2 trials** of 40 planned, up to 12 epochs each, sampler TPESampler. **Highest: 0.9600** with learning "
            "rate 0.00123, width 24.",
        ),
        (
            [BEST],
            SearchPlan(sampler="TPESampler", trials=1, epochs=1),
            "**1 trial** of 1 planned, up to 1 epoch each, sampler TPESampler. **Highest: 0.9600** with learning rate "
            "0.00123, width 24.",
        ),
    ],
)
def test_trials(trials: list[TrialRow], plan: SearchPlan | None, sentence: str) -> None:
    assert trials_in_words("residual", trials, plan) == sentence
