"""The items of the model card and where each answer comes from.

The list is the one on which TRIPOD+AI (10.1136/bmj-2023-078378), STARD-AI, CLAIM (PMC8017414), DECIDE-AI
(10.1136/bmj-2022-070904), the transparency principles of FDA and MHRA and Model Cards (10.1145/3287560.3287596) agree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import ArtifactError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.reports.model_card import data, evidence, model, use
from core.reports.model_card.subject import CardSubject, Gap
from core.runs.record import Run

Answer = Callable[[CardSubject], str | Gap]
SECTIONS: dict[str, dict[str, Answer]] = {
    "Use": {
        "Intended use": use.intended,
        "Users": use.users,
        "Out of scope": use.out_of_scope,
        "Place in the care pathway": use.pathway,
        "Notice": use.notice,
    },
    "Data": {
        "Source and licence": data.source,
        "Dates": data.dates,
        "Eligibility": data.eligibility,
        "Flow of films": data.flow,
        "Reference standard": data.reference,
        "Patient key and overlap": data.patients,
        "Duplicates": data.duplicates,
        "Prevalence by split": data.prevalence,
        "Age and sex": data.age_and_sex,
    },
    "Model": {
        "Version and weights": model.version,
        "Preprocessing": model.preprocessing,
        "Seeds and tuning budget": model.tuning,
        "Threshold": model.threshold,
        "Probabilities and sets": model.calibration,
    },
    "Performance": {
        "2 × 2 counts": evidence.counts,
        "Figures, intervals by patient": evidence.figures,
        "Calibration": evidence.calibration,
        "Paired tests": evidence.paired_tests,
        "Bacterial and viral pneumonia": evidence.subgroups,
        "Failures": evidence.failures,
        "Shortcuts": evidence.shortcuts,
        "Robustness": evidence.robustness,
        "Input check": evidence.gate,
        "Use of the test films": evidence.looks,
    },
    "In practice": {
        "PPV and NPV": evidence.predictive_values,
        "Net benefit": evidence.benefit,
        "Other hospitals": use.elsewhere,
        "Readers with the model": use.readers,
        "Monitoring": use.monitoring,
        "Contact": use.contact,
    },
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of the list; ``known`` is False where nobody has the answer."""

    title: str
    text: str
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class Section:
    """Items under one heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """The model card of one run.

    Parameters
    ----------
    title, run_id, weights_hash : str
    prevalence : float
        Share of pneumonia at which predictive values and net benefit stand.
    sections : tuple of Section
    """

    title: str
    run_id: str
    weights_hash: str
    prevalence: float
    sections: tuple[Section, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        return tuple(item for section in self.sections for item in section.items)


def make_card(run: Run, others: Sequence[Run], *, prevalence: float = DEFAULT_PREVALENCE) -> Card:
    """Answer every item for a run from the committed files; what they do not tell is said to be not known.

    Parameters
    ----------
    run : Run
    others : sequence of Run
        Representatives of the other models, for tests and shared failures.
    prevalence : float in (0, 1)
    """
    subject = CardSubject(run=run, others=tuple(others), prevalence=prevalence)
    return Card(
        title=run.title,
        run_id=run.run_id,
        weights_hash=run.record.weights_hash,
        prevalence=prevalence,
        sections=tuple(
            Section(title=title, items=tuple(_item(name, answer, subject) for name, answer in answers.items()))
            for title, answers in SECTIONS.items()
        ),
    )


def _item(title: str, answer: Answer, subject: CardSubject) -> Item:
    try:
        content = answer(subject)
    except ArtifactError as error:
        content = Gap(f"Not known here: {error}")
    return Item(title=title, text=str(content), known=not isinstance(content, Gap))
