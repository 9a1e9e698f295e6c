"""The nested data that commands return and print."""

from typing import Any

Document = dict[str, Any]  # what --json prints, or an object within it: made and read in core/cli alone
