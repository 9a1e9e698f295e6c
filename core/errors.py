"""Errors with a one-line reason that a person can act on.

The command line prints the reason and exits with status 2; a page shows it and goes on.
"""

from pathlib import PurePath


class LungLensError(Exception):
    """A mistake in the input or the installation; its text says what to do."""


class InputError(LungLensError):
    """A file, picture or table that cannot be used, or a value out of its range.

    Its text is ``file: reason``, or the reason alone where no file is to blame.

    Parameters
    ----------
    reason : str
        What is wrong, and what to do.
    file : str or path
        The file as its owner knows it; empty where there is none.
    """

    def __init__(self, reason: str, file: str | PurePath = "") -> None:
        super().__init__(reason, file)  # both in ``args``, from which a worker process is told of the error
        self.reason = reason
        self.file = str(file)

    def __str__(self) -> str:
        """Return ``file: reason``."""
        return f"{self.file}: {self.reason}" if self.file else self.reason


class DataError(LungLensError):
    """A data set that is missing or not laid out as expected."""


class ArtifactError(LungLensError):
    """A trained model or result file that is missing, damaged or of another version."""


class StorageError(LungLensError):
    """A disk that is full, read-only or broken: no mistake of the user's, so the command line exits with status 1."""


class UnknownModelError(LungLensError):
    """A model name that the registry does not know."""
