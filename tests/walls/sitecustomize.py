"""Walls around a test's processes, by Python's audit events; imported at their start by way of PYTHONPATH.

Every try to reach another machine is refused and written down. Folders named in ``LUNGLENS_WALL_READ_ONLY`` cannot be
written, for systems on which a test may not mount.
"""

import errno
import os
import sys
from typing import Any

_LOG = os.environ.get("LUNGLENS_WALL_LOG", "")
_READ_ONLY = tuple(filter(None, os.environ.get("LUNGLENS_WALL_READ_ONLY", "").split(os.pathsep)))
_HOME = ("127.", "localhost", "::1", "0.0.0.0", "")
_CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "tempfile.mkstemp",
    "tempfile.mkdtemp",
}


def _wall(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(_HOME[:-1]):
            _refuse(f"{event} {address}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0] or "")
        if host and not host.startswith(_HOME[:-1]):
            _refuse(f"{event} {host}")
    elif _READ_ONLY and event == "open":
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and _within(arguments[0]):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), arguments[0])
    elif _READ_ONLY and event in _CHANGES and any(_within(argument) for argument in arguments):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(arguments[0]))


def _within(path: Any) -> bool:
    return isinstance(path, str | os.PathLike) and os.path.abspath(os.fspath(path)).startswith(_READ_ONLY)


def _refuse(what: str) -> None:
    with open(_LOG, "a") as log:
        log.write(f"{what} by {sys.argv[:3]}\n")
    raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


if _LOG or _READ_ONLY:
    sys.addaudithook(_wall)
