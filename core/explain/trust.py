"""What a map is worth by ``artifacts/explanations.json``, what to say beside it, and which to show first."""

from core.errors import ArtifactError
from core.explain.findings import Explanations, MethodFindings
from core.explain.methods import Method, methods_for
from core.manifest import read_as
from core.runs.record import Run

EXPLANATIONS = "explanations.json"
COMMAND = "python -m scripts.make_explanations --data DIR"
SCHEMA_VERSION = 1
NO_REASON = (
    "No map shows why a place moved the score, whether it is ill, or where a finding ends; its colours need not add up "
    "to the verdict."
)


def read_explanations() -> Explanations:
    """Return what was measured; raises `ArtifactError` if the file is missing or damaged."""
    return read_as(Explanations, EXPLANATIONS, COMMAND, SCHEMA_VERSION)


def findings_of(run: Run, method: str) -> MethodFindings | None:
    """Return what was measured of a method for a run; None for a run or weights that were not measured."""
    findings = read_explanations().runs.get(run.run_id)
    if findings is None or run.own or findings.weights_hash != run.record.weights_hash:
        return None
    return findings.methods.get(method)


def doubt(run: Run, method: str) -> str:
    """Return a sentence that warns against trusting a map; empty if it beat chance and other films' maps."""
    try:
        return doubt_in_words(run, findings_of(run, method))
    except ArtifactError as error:
        return f"What this map is worth is not known. {error}"


def leading_method(run: Run) -> Method:
    """Return the method whose map is shown first: the first without a warning, else the first that works."""
    methods = methods_for(run)
    return next((method for method in methods if not doubt(run, method.name)), methods[0])


def doubt_in_words(run: Run, measured: MethodFindings | None) -> str:
    """Return the sentence of `doubt` for what `findings_of` returned."""
    if measured is None:
        return f"What this map is worth was not measured for {run.title}, so nothing vouches for it."
    if not measured.beats_chance:
        return "On validation films maps of this kind did not do better than chance: read nothing into their places."
    if not measured.depends_on_weights:
        return "Maps of this kind hardly change when the model's weights are shuffled: read nothing into their places."
    if not measured.beats_other_film:
        return (
            "Maps of this kind did better than chance, but not better than the map of another film: they show where "
            "this model looks on any film more than what is special about this one."
        )
    return ""
