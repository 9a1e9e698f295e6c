"""A training started from the page: start, progress, cancel, resume; its state is on disk."""

import os
import time
from collections.abc import Callable

import streamlit as st

from core.charts.comparison import SeriesStyle
from core.charts.curves import training
from core.errors import LungLensError
from core.models.registry import MODELS
from core.paths import runs_dir
from core.runs.store import read_run
from core.runs.timing import training_seconds
from core.training import jobs
from core.training.jobs import MOST_SEED, Progress, TrainingJob
from core.wording import format_duration, format_figure
from pages.shared import cache as cached
from pages.shared.film_state import as_code
from pages.shared.folder import FOLDER, choose_folder, folders_allowed
from pages.shared.layout import errors_shown
from pages.shared.navigation import COMPARE, READ
from pages.shared.run_figures import evaluation

SECONDS = 2  # between two looks at a running training
PROBLEM = "training_problem"
MOST_EPOCHS = 200
OFF = (
    "Trainings cannot be started here: this installation serves others and does not open folders of its machine "
    "(`LUNGLENS_FOLDERS=off`). On a machine of your own: `python -m core train MODEL --data DIR`"
)
STATES = {"running": "running", "finished": "finished", "cancelled": "cancelled", "failed": "ended with an error"}


def announce(tabs: str, tab: str) -> None:
    """Show a line on a running training, and open the tab ``tab`` of ``tabs`` for new visitors."""
    job = jobs.running_job() if folders_allowed() else None
    if job is None:
        return
    st.session_state.setdefault(tabs, tab)
    st.info(f"{MODELS[job.model].title}, seed {job.seed}, is being trained: *{tab}*.", icon=":material/model_training:")


def train_yours() -> None:
    """Show the form, or the training that was started."""
    if not folders_allowed():
        st.info(OFF, icon=":material/lock:")
        return
    known_jobs = jobs.list_jobs()
    if known_jobs:
        busy = known_jobs[0].state == "running"
        st.fragment(_watch, run_every=SECONDS if busy else None)(known_jobs[0].job_id, busy)
    if not known_jobs or not any(job.state == "running" for job in known_jobs):
        if known_jobs and "LUNGLENS_DATA" not in os.environ:
            st.session_state.setdefault(FOLDER, known_jobs[0].data)  # ask for the folder only once
        with errors_shown():
            _form()
    _earlier(known_jobs[1:])


def _form() -> None:
    st.subheader("Train a model on your films", anchor=False)
    st.markdown(
        "It runs as a process of its own on this machine and goes on when you leave this page. A fifth of the folder "
        "`train` is set aside by patient for validation; films of `test`, if there are any, are scored once, at the "
        "end. Nothing leaves this machine."
    )
    folder = choose_folder()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.selectbox(
            "Model",
            list(MODELS),
            format_func=lambda name: MODELS[name].title,
            key="training_model",
            width=280,
        )
        seed = st.number_input(
            "Seed", 0, MOST_SEED, 0, key="training_seed", width=150, help="Of first weights, order and random changes."
        )
        limit = MODELS[name].train.max_epochs
        epochs = st.number_input("Epochs at most", 1, MOST_EPOCHS, limit, key=f"training_epochs_{name}", width=150)
    st.caption(f"{MODELS[name].reason} {_ends(name)}")
    data = "DIR" if folder is None else str(folder.absolute())
    planned_job = TrainingJob(
        job_id="", model=name, seed=int(seed), epochs=int(epochs), data=data, films={}, created=0, started=0
    )
    if folder is not None and st.button(
        "Check the films and start", icon=":material/play_arrow:", type="primary", key="training_start"
    ):
        with st.spinner("Checking the films"):
            jobs.start(name, folder, seed=int(seed), epochs=int(epochs))
        st.rerun()
    st.markdown("The command that does the same:")
    st.code(jobs.format_command(planned_job), language="bash", wrap_lines=True)
    st.caption(
        "An interrupted training of the same model, seed, epochs and films goes on where it was. A run of yours with "
        "the same model and seed is replaced when the new one is complete."
    )


def _ends(name: str) -> str:
    spec = MODELS[name]
    rule = "Always runs all epochs; the last is kept."
    if spec.train.keep == "best":
        rule = (
            f"Ends early once validation loss has not fallen for {spec.train.patience} epochs; the best epoch is kept."
        )
    if spec.pretraining:
        rule = f"{spec.pretraining.description} come first, whatever the limit. {rule}"
    ours = next((run for run in cached.runs()[0] if not run.own and run.record.model == name), None)
    seconds = training_seconds(ours) if ours else None
    if ours is None or seconds is None:
        return rule
    films, record = ours.record.films["train"], ours.record
    return f"{rule} On {films:,} films ours took {format_duration(seconds)} of one core for {record.epochs} epochs."


def _attempt(action: Callable[[TrainingJob], object], job: TrainingJob) -> None:
    """Run what a button does to a training; an error is shown beside it."""
    st.session_state[PROBLEM] = None
    try:
        action(job)
    except LungLensError as error:
        st.session_state[PROBLEM] = str(error)


def _watch(job_id: str, busy: bool) -> None:
    """Show one training, refreshed every few seconds while it runs."""
    job = next((job for job in jobs.list_jobs() if job.job_id == job_id), None)
    if job is None or (job.state == "running") != busy:
        st.rerun()
    rows = jobs.history(job)
    progress = jobs.progress(job, rows)
    with st.container(border=True, key="training_job"):
        st.subheader(f"{MODELS[job.model].title}, seed {job.seed}: {STATES[job.state]}", anchor=False)
        parts = ", ".join(f"{count:,} {split}" for split, count in job.films.items() if count)
        st.caption(f"Films of {as_code(job.data)}: {parts}.")
        _SHOW_STATE[job.state](job, progress)
        if rows:
            _curves(job, rows, progress)
        _buttons(job)


def _show_running(job: TrainingJob, progress: Progress) -> None:
    st.progress(min(1.0, progress.epochs / job.epochs), _stage(job, progress))


def _stage(job: TrainingJob, progress: Progress) -> str:
    if not progress.epochs:
        waited = format_duration(max(0.0, time.time() - job.started))
        if pretraining := MODELS[job.model].pretraining:
            epochs = len(jobs.history(job, pretraining=True))
            return f"{epochs} of {pretraining.description} are done, {waited} so far; {job.epochs} with labels follow."
        return f"Reading films and the first epoch, {waited} so far; the remaining time is known after it."
    if progress.is_trained:
        return f"{progress.epochs} epochs are done; the network is exported and scored."
    bound = "at most " if progress.may_end_early else "about "
    return (
        f"Epoch {progress.epochs} of {job.epochs} is done; {bound}{format_duration(progress.seconds_left or 0.0)} left."
    )


def _show_finished(job: TrainingJob, progress: Progress) -> None:
    with errors_shown():
        run = read_run(runs_dir() / job.run_id, own=True)
        auroc = format_figure(evaluation(run, "validation").metrics["auroc"])
        stress = format_figure(evaluation(run, "stress_validation").metrics["auroc"])
        st.markdown(
            f"**AUROC {auroc} on validation, {stress} on stress validation**, with 95 % intervals by patient; "
            f"{run.record.films['validation']:,} films each. Epoch {run.record.best_epoch} of {run.record.epochs} is "
            f"kept. Now available on Compare, Read and Inside the network as *{run.title}*."
        )
        with st.container(horizontal=True):
            st.page_link(COMPARE.path)
            st.page_link(READ.path)


def _show_cancelled(job: TrainingJob, progress: Progress) -> None:
    outcome = "no epoch was full"
    if progress.epochs:
        outcome = f"epoch {progress.epochs} is kept, and training goes on after it"
    elif before := len(jobs.history(job, pretraining=True)):
        outcome = f"{before} epochs without labels are kept, and training goes on after them"
    st.warning(f"Cancelled; {outcome}.", icon=":material/pause_circle:")


def _show_failed(job: TrainingJob, progress: Progress) -> None:
    note = f" The state after epoch {progress.epochs} is kept." if progress.epochs else ""
    st.error(f"The process has ended without a run.{note} The last lines that it wrote:", icon=":material/error:")
    st.code(
        jobs.log_tail(job) or "Nothing: it was ended from outside, or the machine was restarted.",
        language=None,
        wrap_lines=True,
    )


_SHOW_STATE = {
    "running": _show_running,
    "finished": _show_finished,
    "cancelled": _show_cancelled,
    "failed": _show_failed,
}


def _curves(job: TrainingJob, rows: list[dict[str, float]], progress: Progress) -> None:
    with st.grid(2, min_column_width=320):
        for quantity in ("loss", "accuracy"):
            style = SeriesStyle(title=quantity.capitalize(), model=job.model, hollow=True)
            chart = training(rows, style, progress.best_epoch, quantity)
            chart.update_xaxes(range=[0.5, job.epochs + 0.5] if job.state == "running" else None)
            st.plotly_chart(
                chart,
                key=f"training_job_{quantity}",
                alt=f"{quantity.capitalize()} by epoch so far",
                config={"displayModeBar": False},
            )


def _buttons(job: TrainingJob) -> None:
    busy = job.state == "running"
    offered = [("Cancel", ":material/stop:", jobs.cancel)] if busy else [("Dismiss", ":material/close:", jobs.forget)]
    if job.state in ("cancelled", "failed"):
        offered.insert(0, ("Resume", ":material/resume:", jobs.resume))
    with st.container(horizontal=True):
        for label, icon, action in offered:
            st.button(label, icon=icon, key=f"training_{action.__name__}", on_click=_attempt, args=(action, job))
        with st.popover("Command and log", icon=":material/terminal:"):
            st.code(jobs.format_command(job), language="bash", wrap_lines=True)
            st.code(jobs.log_tail(job) or "Nothing written yet.", language=None, wrap_lines=True)
    if message := st.session_state.get(PROBLEM):
        st.error(message, icon=":material/error:")


def _earlier(earlier_jobs: list[TrainingJob]) -> None:
    if not earlier_jobs:
        return
    with st.expander("Earlier trainings"):
        st.dataframe(
            {
                "Model": [MODELS[job.model].title for job in earlier_jobs],
                "Seed": [job.seed for job in earlier_jobs],
                "Epochs at most": [job.epochs for job in earlier_jobs],
                "State": [STATES[job.state] for job in earlier_jobs],
                "Started": [time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created)) for job in earlier_jobs],
            },
            hide_index=True,
            alt="Trainings that were started from this page before",
        )
