"""What the answers of the model card are about."""

from dataclasses import dataclass
from functools import cached_property

from core.errors import ArtifactError
from core.evaluation.evaluate import Evaluation
from core.impact.rates import ModelRates, measured_rates
from core.results.store import read_results
from core.runs.record import Run, ScoredSplit


class Gap(str):
    """An answer which says that something is not known or was not done."""


@dataclass(frozen=True, kw_only=True)
class CardSubject:
    """The run of the card, the other models' representatives, and the share of pneumonia where it is used."""

    run: Run
    others: tuple[Run, ...]
    prevalence: float

    @cached_property
    def rates(self) -> ModelRates:
        """Sensitivity and specificity on test with their draws; raises `ArtifactError` without test scores."""
        return measured_rates(self.run)

    def evaluation(self, split: ScoredSplit) -> Evaluation:
        """Return the committed evaluation of a split; raises `ArtifactError` if there is none."""
        stored = None if self.run.own else read_results().get(self.run.run_id, {}).get(split)
        if stored is None:
            raise ArtifactError(f"results.json has no figures of {self.run.run_id} on {split.replace('_', ' ')}.")
        return stored
