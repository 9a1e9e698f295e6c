"""How good the model is and where it fails; from ``results.json``, ``evidence.json``, stored scores and the ledger."""

import numpy as np

from core.evaluation.bootstrap import interval
from core.evaluation.calibration import npv_at, ppv_at
from core.evaluation.decision import net_benefit
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.evidence.read import evidence_of
from core.gate import gate_rates
from core.paths import artifacts_dir
from core.reports.model_card.subject import CardSubject, Gap
from core.results.store import mean_probability_of, read_findings, read_shifts, shared_errors_of
from core.runs.ledger import in_words, read_ledger
from core.types import Float64Array
from core.wording import (
    format_count,
    format_figure,
    format_metric,
    format_percent,
    format_points,
    format_prevalence,
    format_rate,
    summarise_findings,
)

SHOWN = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "auroc", "average_precision")
EXCHANGE = 0.1  # probability at which acting and waiting are worth the same: a miss costs nine false alarms


def counts(subject: CardSubject) -> str:
    """Return the confusion counts on test."""
    test = subject.evaluation("test")
    cells = test.confusion
    return (
        f"Test, {test.n} films of {test.clusters} patients, {test.positives} labelled pneumonia: "
        f"{cells.tp} found, {cells.fn} missed, {cells.fp} false alarms, {cells.tn} normal films left alone."
    )


def figures(subject: CardSubject) -> str:
    """Figures with clustered intervals."""
    test = subject.evaluation("test")
    parts = [f"{METRICS[name].title} {format_metric(test.metrics[name], name)}" for name in SHOWN]
    before = subject.evaluation("validation").metrics
    change = read_shifts().get(subject.run.run_id, {}).get("specificity")
    shift = "" if change is None else f" Specificity changed from validation to test by {format_points(change)}."
    return (
        f"Test, 95 % intervals by patient, {test.draws:,} draws: {'; '.join(parts)}, predictive values at "
        f"{format_percent(test.prevalence)} pneumonia. Validation: sensitivity {format_rate(before['sensitivity'])}, "
        f"specificity {format_rate(before['specificity'])}.{shift}"
    )


def calibration(subject: CardSubject) -> str:
    """Brier score, calibration error, and what probabilities add up to elsewhere."""
    test = subject.evaluation("test")
    mean_probability = mean_probability_of(subject.run, [subject.prevalence])[subject.prevalence]
    return (
        f"Of the score on test: Brier {format_figure(test.metrics['brier'])}, expected calibration error "
        f"{format_figure(test.metrics['ece'])}. With test films weighted to {format_prevalence(subject.prevalence)} "
        f"pneumonia its probabilities average {format_rate(mean_probability)}."
    )


def paired_tests(subject: CardSubject) -> str | Gap:
    """Against every other model, with Holm's correction."""
    ours = [comparison for comparison in read_findings("test") if subject.run.title in (comparison.a, comparison.b)]
    if not ours:
        return Gap("Not made: results.json compares the representative run of each model alone.")
    summary = " ".join(summarise_findings(ours, metric) for metric in ("auroc", "sensitivity", "specificity"))
    return f"{summary} McNemar and DeLong on the same test films, p after Holm below 0.05."


def subgroups(subject: CardSubject) -> str:
    """Sensitivity by pathogen."""
    groups = evidence_of(subject.run).subgroups
    parts = [
        f"{words} {format_rate(groups[name].metrics['sensitivity'])} of {groups[name].positives} films"
        for name, words in (("bacteria", "bacterial"), ("virus", "viral"))
    ]
    return f"Sensitivity on test: {', '.join(parts)}, read from file names. No other group is known."


def failures(subject: CardSubject) -> str | Gap:
    """Return the errors of the model, and those that all models share."""
    cells = subject.evaluation("test").confusion
    runs = [subject.run, *(run for run in subject.others if run.has_scores("test"))]
    if len(runs) < 2:
        return Gap("There is no other model to share errors with.")
    normal, pneumonia = shared_errors_of(runs)
    return (
        f"Of its {cells.fp} false alarms all {len(runs)} models share {normal.wrong} ({format_rate(normal.share)} of "
        f"the normal films; independent errors would give {format_percent(normal.by_chance)}), of its {cells.fn} "
        f"misses {pneumonia.wrong}. Limits names the films."
    )


def shortcuts(subject: CardSubject) -> str:
    """AUROC without the lungs and with nothing else."""
    scores = evidence_of(subject.run).shortcut["test"]
    return (
        f"AUROC on test {format_figure(scores.whole.by_patient)}; with the lungs masked "
        f"{format_figure(scores.lungs_masked.by_patient)}, with nothing but the lungs "
        f"{format_figure(scores.lungs_only.by_patient)}; "
        "0.5 is chance."
    )


def robustness(subject: CardSubject) -> str:
    """Stress validation and the worst of the stress curves."""
    stress = subject.evaluation("stress_validation")
    curves = evidence_of(subject.run).stress_curves
    worst = []
    for metric in ("sensitivity", "specificity"):
        points = [
            (factor.values(metric).at(place), f"{factor.title.lower()} {level:g}")
            for factor in curves.factors.values()
            for place, level in enumerate(factor.levels)
        ]
        lowest, where = min(points, key=lambda point: (point[0].value, point[0].low, point[0].high, point[1]))
        worst.append(f"{metric} {format_rate(lowest)} at {where}")
    return (
        "Validation under seeded changes of framing, exposure, blur, border and JPEG quality: AUROC "
        f"{format_figure(stress.metrics['auroc'])}, specificity {format_rate(stress.metrics['specificity'])}. One "
        f"change at a "
        f"time on {curves.films} validation films, at worst {', '.join(worst)}."
    )


def gate(subject: CardSubject) -> str:
    """Return how often the input gate refuses chest films, and other images."""
    rates = gate_rates()
    groups = ((rates.validation, "validation"), (rates.test, "test"), (rates.adults, "adults' chest"))
    wrongly = [f"{format_rate(share.refused)} of {share.n:,} {who} films" for share, who in groups if share is not None]
    return (
        f"Before any verdict a gate refuses what is no frontal chest film: wrongly {', '.join(wrongly)}; rightly, of "
        f"kinds that it was not fitted on, {format_percent(rates.caught_worst)} of the worst ({rates.worst_kind}) and "
        f"{format_percent(rates.caught_mean)} on average over {len(rates.left_out)} kinds."
    )


def looks(subject: CardSubject) -> str:
    """How often the test films have been used."""
    return in_words(read_ledger(artifacts_dir())).replace("`", "")


def predictive_values(subject: CardSubject) -> str:
    """PPV and NPV at the chosen prevalence."""
    subject.evaluation("test")  # figures are shown of evaluated runs alone
    sensitivity, specificity = _drawn(subject)
    pi = subject.prevalence
    ppv, npv = (of(pi, sensitivity=sensitivity, specificity=specificity) for of in (ppv_at, npv_at))
    return (
        f"Where {format_prevalence(pi)} of the children who are imaged have pneumonia, PPV "
        f"{format_rate(_interval(ppv))}, "
        f"NPV {format_rate(_interval(npv))}, if sensitivity and specificity are those of the test films."
    )


def benefit(subject: CardSubject) -> str:
    """Net benefit beside treating all and none."""
    subject.evaluation("test")  # figures are shown of evaluated runs alone
    sensitivity, specificity = _drawn(subject)
    pi = subject.prevalence
    resampled = net_benefit(sensitivity=sensitivity, specificity=specificity, prevalence=pi, probability=EXCHANGE)
    everyone = float(net_benefit(sensitivity=1, specificity=0, prevalence=pi, probability=EXCHANGE))
    estimate = _interval(1000 * resampled)
    return (
        f"At {format_prevalence(pi)} pneumonia, a miss taken as nine false alarms: {format_count(estimate, 0)} "
        "pneumonias per 1,000 films net of false alarms; "
        f"acting on every film {1000 * everyone:.0f}, on none 0."
    )


def _drawn(subject: CardSubject) -> tuple[Float64Array, Float64Array]:
    """Sensitivity and specificity on test, the measured value first and then its draws by patient."""
    rates = subject.rates
    return (
        np.append(rates.sensitivity.value, rates.drawn_sensitivity),
        np.append(rates.specificity.value, rates.drawn_specificity),
    )


def _interval(values: Float64Array) -> Estimate:
    return interval(float(values[0]), values[1:])
