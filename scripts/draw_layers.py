"""Draw the layers of the contracts in pyproject.toml as a Mermaid picture into docs/architecture.md."""

import re
import tomllib

from core.files import write_text
from core.paths import ROOT

DOCUMENT = ROOT / "docs" / "architecture.md"
BLOCK = re.compile(r"(<!-- drawing: layers -->\n).*?(<!-- end -->)", re.DOTALL)


def layers() -> list[list[str]]:
    """Return the packages of each layer, top first, from the first contract of import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = next(entry for entry in settings["tool"]["importlinter"]["contracts"] if entry["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def picture() -> str:
    """Return the layers as a fenced Mermaid flow chart: a layer imports from those below it."""
    lines = ["```mermaid", "flowchart TD"]
    for number, packages in enumerate(layers()):
        names = "<br/>".join(name.removeprefix("core.") for name in packages)
        lines.append(f'    layer{number}["{names}"]')
    lines += [f"    layer{number} --> layer{number + 1}" for number in range(len(layers()) - 1)]
    return "\n".join([*lines, "```"]) + "\n"


def drawn(text: str) -> str:
    """Return the document with its picture made anew."""
    return BLOCK.sub(lambda block: f"{block[1]}{picture()}{block[2]}", text)


if __name__ == "__main__":
    write_text(DOCUMENT, drawn(DOCUMENT.read_text("utf-8")))
