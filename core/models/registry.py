"""All models by name, in the order in which pages list them."""

from core.errors import UnknownModelError
from core.models import dense, notebook_cnn, residual, transfer
from core.models.spec import ModelSpec

FAMILIES = (dense, notebook_cnn, residual, transfer)
MODELS: dict[str, ModelSpec] = {spec.name: spec for family in FAMILIES for spec in family.MODELS}


def get_model(name: str) -> ModelSpec:
    """Return the spec of a model; raises `UnknownModelError` naming the known ones."""
    try:
        return MODELS[name]
    except KeyError:
        raise UnknownModelError(f"No model is named {name!r}; known are {', '.join(MODELS)}.") from None
