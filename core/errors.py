"""Errors with a one-line reason that a person can act on.

The command line prints the reason and exits with status 2; a page shows it and goes on.
"""


class LungLensError(Exception):
    """A mistake in the input or the installation; its text says what to do."""


class InputError(LungLensError):
    """A file, picture or table that cannot be used."""


class DataError(LungLensError):
    """A data set that is missing or not laid out as expected."""


class ArtifactError(LungLensError):
    """A trained model or result file that is missing, damaged or of another version."""


class StorageError(LungLensError):
    """A disk that is full, read-only or broken: no mistake of the user's, so the command line exits with status 1."""


class UnknownModelError(LungLensError):
    """A model name that the registry does not know."""
