"""The pages of the app, in the order of the navigation.

Imports nothing heavy: every cold start waits for this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AppPage:
    """One page of the app.

    Parameters
    ----------
    key : str
        Name of the page's package in ``pages/``.
    section : str
        Heading in the navigation.
    title, icon : str
    url_path : str
        Address below the app's; empty for the page that opens first.
    """

    key: str
    section: str
    title: str
    icon: str
    url_path: str

    @property
    def path(self) -> str:
        """Return the script from the repository root, as Streamlit wants it."""
        return f"pages/{self.key}/page.py"


OVERVIEW = AppPage(key="overview", section="Demo", title="Overview", icon=":material/home:", url_path="")
READ = AppPage(key="read", section="Demo", title="Read an X-ray", icon=":material/radiology:", url_path="read")
WORKLIST = AppPage(key="worklist", section="Demo", title="Worklist", icon=":material/checklist:", url_path="worklist")
COMPARE = AppPage(key="compare", section="Models", title="Compare", icon=":material/balance:", url_path="compare")
TRAINING = AppPage(
    key="training", section="Models", title="Training", icon=":material/model_training:", url_path="training"
)
INSIDE = AppPage(
    key="inside", section="Models", title="Inside the network", icon=":material/account_tree:", url_path="inside"
)
DATA = AppPage(key="data", section="Evidence", title="Data", icon=":material/database:", url_path="data")
LIMITS = AppPage(key="limits", section="Evidence", title="Limits", icon=":material/warning:", url_path="limits")
BUSINESS = AppPage(
    key="business", section="Impact", title="Business case", icon=":material/payments:", url_path="business"
)
MODEL_CARD = AppPage(
    key="model_card", section="Impact", title="Model card", icon=":material/description:", url_path="card"
)

PAGES = (OVERVIEW, READ, WORKLIST, COMPARE, TRAINING, INSIDE, DATA, LIMITS, BUSINESS, MODEL_CARD)


def by_section(pages: Iterable[AppPage] = PAGES) -> dict[str, list[AppPage]]:
    """Return the pages below the headings of the navigation, both in their order."""
    sections: dict[str, list[AppPage]] = {}
    for page in pages:
        sections.setdefault(page.section, []).append(page)
    return sections
