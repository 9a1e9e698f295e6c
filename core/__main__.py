"""``python -m core``."""

import sys

from core.cli.main import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModuleNotFoundError as error:
        if (error.name or "core").split(".")[0] == "core":
            raise
        print(
            f"The package {error.name} is missing here. `make run` installs all of them into .venv; then use "
            ".venv/bin/python in place of python, or first: . .venv/bin/activate",
            file=sys.stderr,
        )
        sys.exit(1)
