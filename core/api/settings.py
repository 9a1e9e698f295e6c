"""What an operator can set for the HTTP interface, read from the environment."""

import os
from dataclasses import dataclass

from core.errors import InputError

DEFAULT_RATE = 120
DEFAULT_UPLOAD_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the HTTP interface guards itself.

    Parameters
    ----------
    token : str or None
        Clients must send ``Authorization: Bearer <token>``; None lets everybody in who reaches the address.
    rate : int
        Scores that one client address may ask for in a minute.
    upload_seconds : float
        A request whose body takes longer to arrive is given up.
    """

    token: str | None = None
    rate: int = DEFAULT_RATE
    upload_seconds: float = DEFAULT_UPLOAD_SECONDS

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read ``LUNGLENS_TOKEN``, ``LUNGLENS_RATE`` and ``LUNGLENS_UPLOAD_SECONDS``.

        Raises
        ------
        InputError
            A number is not one or not above zero, or the token is set and shorter than 16 signs.
        """
        token = os.environ.get("LUNGLENS_TOKEN") or None
        if token is not None and len(token) < 16:
            raise InputError(
                "LUNGLENS_TOKEN: at least 16 signs are needed; python -c 'import secrets; "
                "print(secrets.token_urlsafe())' makes one."
            )
        return cls(
            token=token,
            rate=int(_above_zero("LUNGLENS_RATE", DEFAULT_RATE)),
            upload_seconds=_above_zero("LUNGLENS_UPLOAD_SECONDS", DEFAULT_UPLOAD_SECONDS),
        )


def _above_zero(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        raise InputError(f"{name}: not a number; leave it out for {default:g}.") from None
    if not 0 < value < 1e9:
        raise InputError(f"{name}: must be above zero.")
    return value
