"""Keeping uploads off the disk."""

from starlette.formparsers import MultiPartParser

from core.film import MAX_BYTES


def keep_uploads_in_memory() -> None:
    """Let the web server hold an upload of a film's size in memory; by default it spools more than 1 MB to a file."""
    MultiPartParser.spool_max_size = MAX_BYTES + 1024**2
