"""Login with OpenID Connect against a small identity provider of the test's own."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from pages.shared.navigation import COMPARE
from tests.e2e.conftest import Visit
from tests.support.servers import free_port, serve

CLIENT = "lunglens"


def identity_provider(address: str) -> Starlette:
    """Discovery, keys, and a door that lets everybody in as Ada."""
    key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
    nonces: dict[str, str] = {}

    async def discovery(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": address,
                "authorization_endpoint": f"{address}/authorize",
                "token_endpoint": f"{address}/token",
                "jwks_uri": f"{address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def authorize(request: Request) -> RedirectResponse:
        code = secrets.token_urlsafe()
        nonces[code] = request.query_params.get("nonce", "")
        back = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{back}")

    async def token(request: Request) -> JSONResponse:
        form = await request.form()
        now = int(time.time())
        claims = {
            "iss": address,
            "aud": CLIENT,
            "sub": "ada",
            "name": "Ada",
            "iat": now,
            "exp": now + 600,
            "nonce": nonces.pop(str(form["code"])),
        }
        signed = jwt.encode({"alg": "RS256", "kid": "test"}, claims, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": signed})

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [key.as_dict(private=False)]})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/authorize", authorize),
            Route("/token", token, methods=["POST"]),
            Route("/keys", keys),
        ]
    )


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = uvicorn.Server(uvicorn.Config(identity_provider(address), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield address
    server.should_exit = True
    thread.join(10)


@contextmanager
def guarded(folder: Path, provider: str, **settings: str) -> Iterator[str]:
    """The service with login set up."""
    port = free_port()
    secrets_file = folder / "secrets.toml"
    secrets_file.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe()}"
client_id = "{CLIENT}"
client_secret = "of the test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
    )
    with serve(folder, "service.py", port=port, options=("--secrets.files", str(secrets_file)), **settings) as address:
        yield address


@pytest.fixture(scope="module")
def guarded_url(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with guarded(tmp_path_factory.mktemp("guarded"), provider, LUNGLENS_TOKEN="a token of some length") as address:
        yield address


def test_login_does_not_leave_the_http_interface_open(provider: str, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="set LUNGLENS_TOKEN"), guarded(tmp_path, provider):
        pass


def test_nobody_sees_a_page_before_login_and_everybody_after(visit: Visit, guarded_url: str) -> None:
    page = visit.open(f"{guarded_url}/{COMPARE.url_path}")
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("You are logged in.")).to_be_visible()
    expect(page.get_by_role("heading", name="Who are you?")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
