"""What a model would change for a lab: children found and missed, who waits, and money, with what is not known of each.

`core.impact.inputs` holds the inputs and their sources, `waiting` the counts and the queue, `formulas` the three uses,
`scenario` scenarios as data, `rates` the model at an operating point, `draws` the distributions, `simulate` what
follows from them and `figures` its words.
"""

from core.impact.inputs import (
    ASSUMPTIONS,
    EURO,
    INPUTS,
    PREVALENCE,
    PRICE,
    RADIOLOGIST,
    READ_TIME,
    READER_SENSITIVITY,
    READER_SPECIFICITY,
    TIME_SAVED,
    UTILISATION,
    Assumption,
    Evidence,
)
from core.impact.waiting import (
    CHILDREN,
    PerThousand,
    Triage,
    per_thousand,
    triage,
    worth_of_time,
)

__all__ = [
    "ASSUMPTIONS",
    "CHILDREN",
    "EURO",
    "INPUTS",
    "PREVALENCE",
    "PRICE",
    "RADIOLOGIST",
    "READER_SENSITIVITY",
    "READER_SPECIFICITY",
    "READ_TIME",
    "TIME_SAVED",
    "UTILISATION",
    "Assumption",
    "Evidence",
    "PerThousand",
    "Triage",
    "per_thousand",
    "triage",
    "worth_of_time",
]
