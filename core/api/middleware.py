"""What wraps every request: security headers, a log line without contents, and limits on what may be sent."""

import asyncio
import json
import logging
import secrets
import time
from http import HTTPStatus

from fastapi import HTTPException
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.problems import problem

logger = logging.getLogger("lunglens.access")
SCORE, MODELS = "/v1/score", "/v1/models"
PATHS = frozenset(f"/api{path}" for path in (SCORE, MODELS, "/v1/openapi.json", "/ready"))
MOST_INSIDE = 32  # films that are uploaded or judged at a time: 2 GB of memory at most
# The page's own scripts and styles, which Streamlit writes in line; pictures and downloads that it makes in memory.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Add security headers to every response; answers of the API are not to be stored.

    A request that states both a length and chunks is refused: a proxy in front could take another part of it for the
    next request than this server does (RFC 9112, 6.1).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        stated = Headers(scope=scope)
        if "content-length" in stated and "transfer-encoding" in stated:
            words = "States both a length and chunks; send one of them."
            await problem(HTTPStatus.BAD_REQUEST, words, {"Connection": "close"})(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)


class AccessLog:
    """Log each request to the API as one JSON line: time, method, path, status, milliseconds.

    Paths below ``/media`` and ``/_stcore`` name sessions and files, and an unknown path or method, a query or a file
    name can carry anything, so none of these is logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            known = scope["path"] in PATHS and status != HTTPStatus.METHOD_NOT_ALLOWED
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": scope["method"] if known else "",
                "path": scope["path"] if known else "",
                "status": status,
                "milliseconds": round(1e3 * (time.perf_counter() - start), 1),
            }
            logger.info(json.dumps(line))


class Door:
    """Turn requests away before their body is read: without the token, above the rate, or where too many are inside.

    Parameters
    ----------
    app : ASGI application
    token : str or None
        That scores and the registry are given for; None lets everybody in.
    rate : int
        Scores for one client address in a minute.
    """

    def __init__(self, app: ASGIApp, *, token: str | None, rate: int) -> None:
        self.app = app
        self.token = token
        self.allowed = RateLimitItemPerMinute(rate)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if path not in (SCORE, MODELS):
            await self.app(scope, receive, send)
            return
        if refusal := self._refusal(scope, path):
            await refusal(scope, receive, send)
            return
        self.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= 1

    def _refusal(self, scope: Scope, path: str) -> Response | None:
        if self.token is not None:
            scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), self.token.encode()):
                words = "A valid token is needed: Authorization: Bearer ..."
                return problem(HTTPStatus.UNAUTHORIZED, words, {"WWW-Authenticate": "Bearer"})
        if path != SCORE or scope["method"] != "POST":
            return None
        if not self.limiter.hit(self.allowed, scope["client"][0] if scope.get("client") else ""):
            words = f"More than {self.allowed.amount} films a minute; wait."
            return problem(HTTPStatus.TOO_MANY_REQUESTS, words, {"Retry-After": "60"})
        if self.inside >= MOST_INSIDE:
            words = f"{MOST_INSIDE} films are under way; try again."
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, words, {"Retry-After": "2"})
        return None


class BodyLimit:
    """Refuse bodies that are too large or too slow, before they are read in full.

    Parameters
    ----------
    app : ASGI application
    most : int
        Bytes.
    seconds : float
        For the whole body to arrive.
    """

    def __init__(self, app: ASGIApp, *, most: int, seconds: float) -> None:
        self.app = app
        self.most = most
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdecimal() or int(stated) > self.most:
            await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())(scope, receive, send)
            return
        deadline = time.monotonic() + self.seconds
        received = 0
        complete = False

        async def limited() -> Message:
            nonlocal received, complete
            if complete:  # what follows the body is the client going away, at any time
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(deadline - time.monotonic(), 0.001))
            except TimeoutError:
                raise HTTPException(408, f"The body took more than {self.seconds:g} s to arrive.") from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self.most:
                raise HTTPException(413, self._too_large())
            return message

        await self.app(scope, limited, send)

    def _too_large(self) -> str:
        return f"More than {self.most // 1024**2} MB; send one film of at most that size."
