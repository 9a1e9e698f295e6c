"""What the model is for, who may use it, and what has not been done."""

from core.reports.model_card.subject import CardSubject, Gap
from core.results.published import ELSEWHERE
from core.wording import BANNER


def intended(subject: CardSubject) -> str:
    """Purpose."""
    return (
        "To show, on frontal chest X-rays of children, how like a film is to those that one centre labelled pneumonia, "
        "with the evidence for and against the answer; for research and teaching."
    )


def users(subject: CardSubject) -> str:
    """Who is addressed."""
    return "Radiologists, engineers, researchers and managers who judge such models. Not for patient care."


def out_of_scope(subject: CardSubject) -> str:
    """Return the uses that are out of scope."""
    return (
        "Diagnosis, treatment and ruling out disease; adults, children under 1 or over 5; lateral films, photographs "
        "of films and other body parts; any finding but pneumonia; telling bacterial from viral."
    )


def pathway(subject: CardSubject) -> str:
    """Where it would stand."""
    return (
        "None today. In the scenarios of Business case it orders a worklist or reads second; a qualified clinician "
        "reads every film in both. Letting it rule out normals is shown as hypothetical: it knows no other finding."
    )


def notice(subject: CardSubject) -> str:
    """Return the research banner."""
    return BANNER


def elsewhere(subject: CardSubject) -> Gap:
    """External validation."""
    return Gap(f"Not measured: this model has met no film of another hospital. {ELSEWHERE}")


def readers(subject: CardSubject) -> Gap:
    """Evidence with people."""
    return Gap("None: no study of readers with or without this model has been made.")


def monitoring(subject: CardSubject) -> Gap:
    """Return the gap in monitoring after deployment."""
    return Gap(
        "None is built in: nothing is recorded of the films that are read and nothing is sent. Whoever runs it has to "
        "measure it on labelled films of their own (Compare, or python -m core evaluate)."
    )


def contact(subject: CardSubject) -> Gap:
    """Who answers."""
    return Gap("No person is named. Report faults in the issue list of the repository; whoever runs it answers for it.")
