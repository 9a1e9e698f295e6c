"""What ``artifacts/explanations.json`` holds, as frozen dataclasses with the fields of the file, in its order."""

from dataclasses import asdict, dataclass

from core.evaluation.types import Estimate


@dataclass(frozen=True, kw_only=True)
class Areas:
    """Areas under the two curves of one map, in logits for the model's answer.

    Parameters
    ----------
    deletion : float
        Mean over the share of the film taken away; lower is better.
    insertion : float
        Mean over the share of the film given back; higher is better.
    """

    deletion: float
    insertion: float


@dataclass(frozen=True, kw_only=True)
class Wins:
    """How many of ``n`` films a map wins on, and the share with its 95 % interval."""

    count: int
    n: int
    value: float
    low: float
    high: float
    method: str

    @property
    def share(self) -> Estimate:
        """Return the share with its interval."""
        return Estimate(value=self.value, low=self.low, high=self.high, method=self.method)


@dataclass(frozen=True, kw_only=True)
class WinsByClass(Wins):
    """Wins over all films, and over those of each class."""

    normal: Wins
    pneumonia: Wins


@dataclass(frozen=True, kw_only=True)
class Contest:
    """How often a film's own map has the smaller deletion area, the larger insertion area, and both."""

    deletion: WinsByClass
    insertion: WinsByClass
    both: WinsByClass


@dataclass(frozen=True, kw_only=True)
class MeanCorrelation:
    """A mean rank correlation over ``n`` films with its 95 % interval."""

    n: int
    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True, kw_only=True)
class MethodFindings:
    """What was measured of a method for a run.

    Parameters
    ----------
    n, blank : int
        Films, and those on which the map is blank.
    against : dict of str to Contest
        By what it is compared with: ``random`` or ``other_film``.
    beats_chance, beats_other_film : bool
        Whether the lower end of the interval is above one half for deletion and for insertion.
    areas : dict of str to Areas
        Means by map: ``own``, ``random``, ``other_film``.
    weights : dict of str to MeanCorrelation
        Of a map with the one after shuffling ``all_weights`` or the ``last_layer``, and with another film's.
    depends_on_weights : bool
    """

    n: int
    blank: int
    against: dict[str, Contest]
    beats_chance: bool
    beats_other_film: bool
    areas: dict[str, Areas]
    weights: dict[str, MeanCorrelation]
    depends_on_weights: bool


@dataclass(frozen=True, kw_only=True)
class RunFindings:
    """What was measured of every method for a run, on ``films``, ``positives`` of them labelled pneumonia."""

    run_id: str
    model: str
    weights_hash: str
    films: int
    positives: int
    methods: dict[str, MethodFindings]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Mean share of the nearest train films with a film's own label, beside the share of all train films with it."""

    n: int
    agree: float
    by_chance: float


@dataclass(frozen=True, kw_only=True)
class SimilarFindings:
    """How often the nearest train films have the label of a validation film.

    Parameters
    ----------
    run_id, weights_hash : str
        Of the model whose features are compared.
    train_films, n, neighbours : int
        Films in the index, validation films, nearest films of each.
    labels : dict of str to Agreement
    unlike : Wins
        Films farther from all of train than 95 % of train films are.
    """

    run_id: str
    weights_hash: str
    train_films: int
    n: int
    neighbours: int
    labels: dict[str, Agreement]
    unlike: Wins


@dataclass(frozen=True, kw_only=True)
class MethodText:
    """What a method is called, what it shows and where it comes from."""

    title: str
    meaning: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Explanations:
    """All that was measured of maps and of similar films."""

    settings: dict[str, object]
    methods: dict[str, MethodText]
    runs: dict[str, RunFindings]
    similar: SimilarFindings

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return asdict(self)
