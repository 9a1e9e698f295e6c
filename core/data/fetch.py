"""Download the data set from Kaggle."""

import contextlib
import sys
from pathlib import Path

from core.errors import DataError

HANDLE = "paultimothymooney/chest-xray-pneumonia"
BY_HAND = f"download it from https://www.kaggle.com/datasets/{HANDLE}, unzip it and pass the folder with --data"


def fetch_kaggle() -> Path:
    """Download Kaggle's copy of the data set, or find it in kagglehub's cache.

    Returns
    -------
    Path
        Folder for `core.data.dataset.read_dataset`; kagglehub's own cache unless ``KAGGLEHUB_CACHE`` moves it.

    Raises
    ------
    DataError
        kagglehub is missing, Kaggle cannot be reached or refuses, or the disk is full.
    """
    try:
        import kagglehub  # takes a second, and is needed for this command alone
    except ImportError:
        raise DataError("kagglehub is not installed; run: pip install -r requirements.txt") from None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # its messages must not mix with a JSON document
            return Path(kagglehub.dataset_download(HANDLE))
    except Exception as error:  # requests' and kagglehub's own share no base class
        raise DataError(_reason(error)) from None


def _reason(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403) or "credential" in type(error).__name__.lower() or "auth" in type(error).__name__.lower():
        return f"Kaggle wants an account: put your token in ~/.kaggle/kaggle.json (kaggle.com, Settings), or {BY_HAND}."
    if status is not None:
        return f"Kaggle answered with HTTP status {status}; try again later, or {BY_HAND}."
    if isinstance(error, OSError) and error.errno is None:  # requests' errors have no errno of their own
        return f"Kaggle cannot be reached ({type(error).__name__}); go online and try again, or {BY_HAND}."
    return f"The download failed ({' '.join(str(error).split())[:200] or type(error).__name__}); {BY_HAND}."
