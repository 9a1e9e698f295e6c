"""What the OpenAPI document promises holds for requests that schemathesis makes from it, wrong ones included."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.app import make_api
from core.api.settings import Settings

# That the bytes must be a film cannot be said in an OpenAPI document, so well-formed requests are refused.
NOT_IN_THE_DOCUMENT = [positive_data_acceptance]
TOKEN = "a token of some length"


def schema(**options):
    server = Starlette(routes=[Mount("/api", app=make_api(Settings(rate=1_000_000, **options)))])
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", server)


def relaxed(test):
    """Few examples, the same ones each time, whatever a slow machine takes for one."""
    return settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))(test)


OPEN, GUARDED = schema(), schema(token=TOKEN)


@OPEN.parametrize()
@relaxed
def test_answers_are_as_described(case) -> None:
    case.call_and_validate(excluded_checks=NOT_IN_THE_DOCUMENT)


@GUARDED.parametrize()
@relaxed
def test_answers_are_as_described_behind_a_token(case) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=NOT_IN_THE_DOCUMENT)
