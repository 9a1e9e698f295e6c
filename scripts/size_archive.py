"""Films per second and per dollar for an archive, from figures that benchmarks/archive.py printed, as a table.

    python -m scripts.size_archive --run 750:97.2 --run 3000:110.5 --cores 2 --kilobytes 335 --price 0.05

A run is its films and the films per second of the whole command. The price is yours: what a core costs in an hour.
"""

import argparse

from core.errors import InputError
from core.inference.batch.sizing import MANY, Measured, Size, size

CORES = (2, 8, 32, 128)


def table(sizes: list[Size]) -> str:
    """A row for each number of cores, as Markdown."""
    head = (
        "cores",
        "films/s",
        "MB/s from storage",
        f"hours for {MANY:,} films",
        f"USD for {MANY:,} films",
        "films per USD",
        "",
    )
    rows = [
        (
            f"{size.cores}",
            f"{size.per_second:,.0f}",
            f"{size.megabytes:,.0f}",
            f"{size.hours:.2f}",
            f"{size.dollars:.2f}",
            f"{1000 * round(size.per_dollar / 1000):,}",
            "speed measured" if size.is_measured else "extrapolated",
        )
        for size in sizes
    ]
    lines = [head, ["---:"] * (len(head) - 1) + ["---"], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="append", required=True, metavar="FILMS:RATE", help="twice, smaller run first")
    parser.add_argument("--cores", type=int, required=True, help="of the machine that was measured")
    parser.add_argument("--kilobytes", type=float, required=True, help="of a film, on average")
    parser.add_argument("--price", type=float, required=True, help="USD for a core and an hour; an assumption")
    parser.add_argument("--of", type=int, nargs="+", default=CORES, help="numbers of cores (default %(default)s)")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> str:
    """The table and the figures below it."""
    options = arguments(given)
    try:
        (small, slow), (large, fast) = (run.split(":") for run in options.run)
        measured = Measured(
            films=(int(small), int(large)),
            rates=(float(slow), float(fast)),
            cores=options.cores,
            kilobytes=options.kilobytes,
        )
        made = table([size(measured, cores, price=options.price) for cores in options.of])
    except (InputError, ValueError) as error:
        raise SystemExit(f"{error} Two runs are needed, such as --run 750:97.2 --run 3000:110.5.") from None
    return (
        f"{made}\n\nMeasured: {measured.per_core:.1f} films per second and core, {measured.start:.1f} s to start. "
        f"Assumed: {options.price:g} USD for a core and an hour."
    )


if __name__ == "__main__":
    print(main())
