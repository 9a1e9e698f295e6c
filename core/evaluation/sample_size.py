"""What no miss at all shows: how many films it takes, and how many misses it still allows."""

import math

ONE_SIDED = 0.05  # error that is accepted


def films_without_miss(sensitivity: float) -> int:
    """Pneumonia films to be found without a miss to show a sensitivity with one-sided 95 % confidence.

    ceil(ln .05 / ln sensitivity): with fewer films a model that is just this good passes by luck too often.

    Parameters
    ----------
    sensitivity : float in (0, 1)
    """
    return math.ceil(math.log(ONE_SIDED) / math.log(sensitivity))


def highest_miss_rate(films: int) -> float:
    """Upper one-sided 95 % limit of the miss rate after no miss, exact: 1 - .05 ** (1 / films), about 3 / films.

    Parameters
    ----------
    films : int
        Independent pneumonia films; patients where several films are of one patient. 1.0 for none.
    """
    return -math.expm1(math.log(ONE_SIDED) / films) if films else 1.0
