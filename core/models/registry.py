"""All models by name, in the order in which pages list them."""

from core.errors import UnknownModelError
from core.models import dense, notebook_cnn, residual
from core.models.spec import ModelSpec

MODELS: dict[str, ModelSpec] = {spec.name: spec for spec in (*dense.MODELS, *notebook_cnn.MODELS, *residual.MODELS)}


def get_model(name: str) -> ModelSpec:
    """The spec of a model; raises `UnknownModelError` naming the known ones."""
    try:
        return MODELS[name]
    except KeyError:
        raise UnknownModelError(f"No model is named {name!r}; known are {', '.join(MODELS)}.") from None
