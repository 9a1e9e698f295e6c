"""The API itself: one film in, one row out, the same as ``python -m core score``."""

from functools import lru_cache
from typing import Annotated, Any

import anyio
import numpy as np
from fastapi import Depends, FastAPI, File, Form, HTTPException, UploadFile
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from core.api.middleware import MODELS, SCORE, BodyLimit, Door
from core.api.problems import Problem, add_handlers, described
from core.api.settings import Settings
from core.errors import InputError, LungLensError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.evaluation.verdict import Verdict
from core.gate import load_gate
from core.imaging.archive import Entry
from core.imaging.decode import decode_film
from core.imaging.film import MAX_BYTES, printable
from core.imaging.notes import NoteKind
from core.inference.model import Model
from core.inference.scoring import score_entry
from core.runs.listing import list_models
from core.runs.store import choose_run, list_runs
from core.wording import BANNER

VERSION = "1"
MAX_REQUEST = MAX_BYTES + 1024**2  # a film and its form
AT_ONCE = 2  # films that are judged at the same time; others wait


class FilmNote(BaseModel):
    """What the file says of itself, or lacks, that a person should know."""

    kind: NoteKind
    text: str


class Score(BaseModel):
    """What one model says of one film."""

    file: str = Field(description="Name that the client gave, without folders")
    status: str = Field(description="scored")
    reason: str | None = Field(description="What the gate warns of")
    model: str
    run_id: str
    weights_hash: str = Field(description="sha256 of the serving graph")
    score: float = Field(ge=0, le=1, description="The model's output")
    probability: float = Field(ge=0, le=1, description="Calibrated, at the prevalence below")
    prevalence: float = Field(gt=0, lt=1)
    threshold: float = Field(description="Frozen on validation; positive if score >= threshold")
    positive: bool
    conformal_set: list[str] = Field(description="Labels that the score does not exclude: one, both or none")
    verdict: Verdict = Field(description="Threshold and set together; no_call where they disagree")
    gate: str = Field(description="accept or warn; what the gate refuses gets a problem document")
    notes: list[FilmNote]
    banner: str


class ModelEntry(BaseModel):
    """One entry of the registry."""

    name: str
    title: str
    reason: str
    input: dict[str, int]
    parameters: int | None
    trained: bool
    run_id: str | None
    weights_hash: str | None
    seeds: list[int]
    served: bool


class Models(BaseModel):
    """The registry."""

    models: list[ModelEntry]


class Ready(BaseModel):
    """A model answered."""

    ready: bool
    run_id: str


@lru_cache(maxsize=16)
def _loaded(run_id: str, own: bool, weights_hash: str) -> Model:
    """Return the model of a run, cached by the hash of its weights."""
    run = next(run for run in list_runs()[0] if run.run_id == run_id and run.own == own)
    return Model(run)


def model_of(name: str | None) -> Model:
    """Return the model that a request names, or the served one; raises `LungLensError` if there is none."""
    run = choose_run(name)
    return _loaded(run.run_id, run.own, run.record.weights_hash)


def make_api(settings: Settings) -> FastAPI:
    """Build the ASGI application to mount below ``/api``; its OpenAPI document is at ``/api/v1/openapi.json``."""
    api = FastAPI(
        title="LungLens",
        version=VERSION,
        description=BANNER,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "/api"}],
        root_path_in_servers=False,
    )
    add_handlers(api)
    api.add_middleware(BodyLimit, most=MAX_REQUEST, seconds=settings.upload_seconds)
    api.add_middleware(Door, token=settings.token, rate=settings.rate)
    judging = anyio.CapacityLimiter(AT_ONCE)
    # The door asks for the token, before a body is read; this puts it into the OpenAPI document.
    bearer = HTTPBearer(auto_error=False, description="The token, where the operator set one")
    guards = [Depends(bearer)] if settings.token else []
    refusals = (401,) if settings.token else ()

    @api.post(
        SCORE,
        dependencies=guards,
        responses=described(400, *refusals, 404, 408, 413, 422, 429, 500, 503),
    )
    async def score(
        file: Annotated[UploadFile, File(description="One film: JPEG, PNG, TIFF, WebP, BMP or DICOM, at most 25 MB")],
        model: Annotated[str | None, Form(max_length=100, description="Name, run id or own:RUN_ID")] = None,
        prevalence: Annotated[
            float, Form(gt=0, lt=1, description="That the probability holds at")
        ] = DEFAULT_PREVALENCE,
    ) -> Score:
        """Judge one film. It is held in memory alone and forgotten with the answer."""
        data = await file.read()
        name = printable((file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]) or "film"

        def judge() -> Score:
            entry = Entry(file=name, film=decode_film(data, name))
            chosen = model_of(model)
            row = score_entry(entry, chosen, load_gate(), prevalence)
            if row.status != "scored":
                raise InputError(str(row.reason))
            record = chosen.run.record
            about = {"model": record.model, "run_id": record.run_id, "weights_hash": record.weights_hash}
            return Score.model_validate({**row.to_dict(), **about, "prevalence": prevalence, "banner": BANNER})

        return await anyio.to_thread.run_sync(judge, limiter=judging)

    @api.get(MODELS, dependencies=guards, responses=described(*refusals, 500, 503))
    def models() -> Models:
        """List the registry."""
        return Models(models=[ModelEntry(**entry) for entry in list_models()["models"]])

    @api.get("/ready", responses=described(500, 503))
    def ready() -> Ready:
        """Say whether gate and served model are there and the model answers."""
        try:
            model = model_of(None)
            run = model.run
            load_gate()  # without which nothing is judged
            value, _ = model.network.score(np.zeros((1, run.input.height, run.input.width), np.uint8))
        except LungLensError as error:
            raise HTTPException(503, str(error)) from None
        if not np.isfinite(value).all():
            raise HTTPException(503, f"{run.run_id} answers with no number; nothing is judged.")
        return Ready(ready=True, run_id=run.run_id)

    _add_problem_schema(api)
    return api


def _add_problem_schema(api: FastAPI) -> None:
    """Put the schema of problem documents into the OpenAPI document, which names it."""
    make = api.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document

    api.openapi = openapi  # type: ignore[method-assign]
