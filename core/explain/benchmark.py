"""What was measured of each method on validation films: ``artifacts/explanations.json``."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from core.data.arrays import Films, load_films
from core.data.dataset import Dataset
from core.data.split import with_split
from core.evaluation.intervals import wilson
from core.explain.faithfulness import BLUR, STEPS, measure_areas, random_map, rank_correlation, removal_order
from core.explain.findings import (
    Agreement,
    Areas,
    Contest,
    Explanations,
    MeanCorrelation,
    MethodFindings,
    MethodText,
    RunFindings,
    SimilarFindings,
    Wins,
    WinsByClass,
)
from core.explain.methods import METHODS, Explanation, explain, methods_for
from core.explain.neighbours import Index, find_nearest_in, pooled_features
from core.explain.trust import COMMAND, SCHEMA_VERSION
from core.inference.graph_edits import shuffle_weights
from core.inference.model import Model, read_graph
from core.inference.network import Network
from core.types import BoolArray, Int64Array, UInt8Array

SEED = 2018
PER_CLASS = 100
SHUFFLES = 5  # graphs of shuffled weights; each film meets one of them
NEIGHBOURS = 5
RANDOM, OTHER_FILM = "random", "other_film"
ALL_WEIGHTS, LAST_LAYER = "all_weights", "last_layer"
UNCHANGED = 0.5  # a mean rank correlation that may be as high says that the map does not depend on the weights


@dataclass(frozen=True, kw_only=True)
class FilmFindings:
    """One film's figures for one method.

    Parameters
    ----------
    y_true : int
    blank : bool
    own, random, other_film : Areas
        Of the film's own map, of a random one, and of another film's.
    correlation : dict
        Rank correlation of the map with the one after shuffling, by what was shuffled.
    correlation_other : float
        With another film's map, to compare.
    """

    y_true: int
    blank: bool
    own: Areas
    random: Areas
    other_film: Areas
    correlation: dict[str, float]
    correlation_other: float


def settings(dataset_hash: str) -> dict[str, object]:
    """Return what the figures depend on besides the models."""
    return {
        "schema_version": SCHEMA_VERSION,
        "command": COMMAND,
        "data_hash": dataset_hash,
        "split": "validation",
        "films_per_class": PER_CLASS,
        "one_film_per_patient": True,
        "seed": SEED,
        "curve_steps": STEPS,
        "deletion": "to the film's mean gray",
        "insertion": f"from the film blurred by {BLUR:.3f} of its side",
        "curves_of": "the logit for the model's own answer at its threshold",
        "random_map": "one for each film, with the frequencies of the film's own map and the phases of noise",
        "other_film": "the map of the next film with the same answer, of another patient",
        "shuffled_graphs": SHUFFLES,
        "beats_chance": "the lower end of the 95 % interval is above one half for deletion and for insertion",
        "depends_on_weights": f"the upper end of the mean rank correlation's 95 % interval is below {UNCHANGED}",
    }


def choose_films(table: pd.DataFrame, per_class: int = PER_CLASS) -> pd.DataFrame:
    """Choose validation films with a fixed seed, as many of each class, one of each patient, in order of name."""
    chosen = []
    for label, rows in table.sort_values("sample_id").groupby("y_true", sort=True):
        shuffled = rows.iloc[np.random.default_rng([SEED, int(str(label))]).permutation(len(rows))]
        chosen.append(shuffled.drop_duplicates("cluster_id").head(per_class))
    return pd.concat(chosen).drop_duplicates("cluster_id").sort_values("sample_id", ignore_index=True)


def measure_run(model: Model, films: Films, say: Callable[[str], None] = lambda line: None) -> RunFindings:
    """Measure deletion, insertion and dependence on the weights of every method that works for a model.

    Parameters
    ----------
    model : Model
    films : Films
        Of validation, at the model's input size; see `choose_films`.
    say : callable
        Takes a line about the progress.

    """
    run, network = model.run, model.network
    toward = np.where(network.score(films.pixels)[0] >= run.record.threshold, 1, -1)
    graph = read_graph(run)
    shuffled = {
        what: [
            Network(
                shuffle_weights(graph, SEED + number, last_only=what == LAST_LAYER),
                network.layers,
                f"{run.run_id} with shuffled weights",
            )
            for number in range(SHUFFLES)
        ]
        for what in (ALL_WEIGHTS, LAST_LAYER)
    }
    findings = {}
    for method in methods_for(run):
        say(f"{run.run_id}: {method.title}")
        maps = [explain(network, image, method.name) for image in films.pixels]
        rows = []
        for number, (own, image, answer) in enumerate(zip(maps, films.pixels, toward, strict=True)):
            other = maps[_next_alike(toward, number)]
            draw = np.random.default_rng([SEED, number])
            after = {
                what: explain(networks[number % SHUFFLES], image, method.name).values
                for what, networks in shuffled.items()
            }
            rows.append(
                FilmFindings(
                    y_true=int(films.y_true[number]),
                    blank=own.blank,
                    own=_areas(network, image, own, answer),
                    random=_areas(network, image, replace(own, values=random_map(own.values, draw)), answer),
                    other_film=_areas(network, image, other, answer),
                    correlation={what: rank_correlation(own.values, values) for what, values in after.items()},
                    correlation_other=rank_correlation(own.values, other.values),
                )
            )
        findings[method.name] = summary(rows)
    return RunFindings(
        run_id=run.run_id,
        model=run.record.model,
        weights_hash=run.record.weights_hash,
        films=len(films.table),
        positives=int(films.y_true.sum()),
        methods=findings,
    )


def _areas(network: Network, image: UInt8Array, explanation: Explanation, toward: int) -> Areas:
    return measure_areas(network, image, removal_order(explanation, toward), toward)


def _next_alike(toward: Int64Array, number: int) -> int:
    """Return the next film with the same answer, cyclically; the film itself where there is no other."""
    for step in range(1, len(toward)):
        other = (number + step) % len(toward)
        if toward[other] == toward[number]:
            return other
    return number


def summary(rows: Sequence[FilmFindings]) -> MethodFindings:
    """Return the figures of a method over films."""
    against = {name: _contest(rows, name) for name in (RANDOM, OTHER_FILM)}
    weights = {what: _mean([row.correlation[what] for row in rows]) for what in (ALL_WEIGHTS, LAST_LAYER)}
    return MethodFindings(
        n=len(rows),
        blank=sum(row.blank for row in rows),
        against=against,
        beats_chance=_beats(against[RANDOM]),
        beats_other_film=_beats(against[OTHER_FILM]),
        areas={name: _mean_areas([getattr(row, name) for row in rows]) for name in ("own", RANDOM, OTHER_FILM)},
        weights={**weights, OTHER_FILM: _mean([row.correlation_other for row in rows])},
        depends_on_weights=weights[ALL_WEIGHTS].high < UNCHANGED,
    )


def _mean_areas(areas: Sequence[Areas]) -> Areas:
    return Areas(
        deletion=float(np.mean([area.deletion for area in areas])),
        insertion=float(np.mean([area.insertion for area in areas])),
    )


def _contest(rows: Sequence[FilmFindings], name: str) -> Contest:
    """Return how often a film's own map beats another one; a tie is no win."""
    deletion = np.array([row.own.deletion < getattr(row, name).deletion for row in rows])
    insertion = np.array([row.own.insertion > getattr(row, name).insertion for row in rows])
    positive = np.array([row.y_true == 1 for row in rows])
    return Contest(
        deletion=_by_class(deletion, positive),
        insertion=_by_class(insertion, positive),
        both=_by_class(deletion & insertion, positive),
    )


def _by_class(won: BoolArray, positive: BoolArray) -> WinsByClass:
    return WinsByClass(**asdict(_wins(won)), normal=_wins(won[~positive]), pneumonia=_wins(won[positive]))


def _wins(won: BoolArray) -> Wins:
    return Wins(count=int(won.sum()), n=len(won), **asdict(wilson(int(won.sum()), len(won))))


def _beats(contest: Contest) -> bool:
    return min(contest.deletion.low, contest.insertion.low) > 0.5


def _mean(values: Sequence[float]) -> MeanCorrelation:
    """Return the mean over films, each of another patient, with its normal 95 % interval."""
    margin = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    mean = float(np.mean(values))
    return MeanCorrelation(n=len(values), value=mean, low=mean - margin, high=mean + margin, method="normal, by film")


def measure_similar(model: Model, index: Index, films: Films) -> SimilarFindings:
    """Return how often the nearest train films have a film's label, beside how often any train film has it."""
    pooled = pooled_features(model.network, films.pixels)
    nearest = [find_nearest_in(index, row, NEIGHBOURS) for row in pooled]
    labels = films.table["label"].to_numpy(dtype=str)
    agree = np.array([np.mean([film.label == own for film in near]) for near, own in zip(nearest, labels, strict=True)])
    far = np.array([near[0].nearest_percentile > 95 for near in nearest])
    return SimilarFindings(
        run_id=index.run_id,
        weights_hash=index.weights_hash,
        train_films=len(index.file),
        n=len(nearest),
        neighbours=NEIGHBOURS,
        labels={
            label: Agreement(
                n=int((labels == label).sum()),
                agree=float(agree[labels == label].mean()),
                by_chance=float((index.label == label).mean()),
            )
            for label in sorted(set(labels))
        },
        unlike=_wins(far),
    )


def measure(
    dataset: Dataset, models: Iterable[Model], index: Index, say: Callable[[str], None] = lambda line: None
) -> Iterator[Explanations]:
    """Yield all that ``artifacts/explanations.json`` holds, anew after each model; the index is of the first one."""
    table = with_split(dataset)
    validation = table[table["split"] == "validation"]
    methods = {
        name: MethodText(title=method.title, meaning=method.meaning, source=method.source)
        for name, method in METHODS.items()
    }
    runs: dict[str, RunFindings] = {}
    similar: SimilarFindings | None = None
    for model in models:
        films = load_films(dataset, validation, model.run.input.height, model.run.input.width)
        if similar is None:
            say(f"{model.run.run_id}: similar train films")
            similar = measure_similar(model, index, films)
        runs[model.run.run_id] = measure_run(model, _take(films, choose_films(films.table)), say)
        yield Explanations(settings=settings(dataset.hash), methods=methods, runs=runs, similar=similar)


def _take(films: Films, rows: pd.DataFrame) -> Films:
    """Return the films of these rows, in their order."""
    place = {sample: number for number, sample in enumerate(films.table["sample_id"])}
    chosen = [place[sample] for sample in rows["sample_id"]]
    return Films(pixels=films.pixels[chosen], table=rows.reset_index(drop=True), unreadable=[])
