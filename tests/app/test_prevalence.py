"""The one widget that asks for the share of pneumonia: within its limits whatever a session holds."""

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.calibration import DEFAULT_PREVALENCE
from tests.support.app import TIMEOUT


def script() -> None:
    """Read the share before and after its widget is drawn."""
    import streamlit as st

    from pages.shared.layout import ask_prevalence, prevalence_under

    before = prevalence_under("share")
    st.session_state["shares"] = (before, ask_prevalence("Share", key="share", help="Help"))


@pytest.mark.parametrize(
    ("given", "expected"), [(None, DEFAULT_PREVALENCE), (0.5, 0.005), (7.25, 0.0725), (95.0, 0.95)]
)
def test_the_share_is_the_same_before_and_after_its_widget(given: float | None, expected: float) -> None:
    app = AppTest.from_function(script, default_timeout=TIMEOUT).run()
    if given is not None:
        app.number_input(key="share").set_value(given).run()
    assert not app.exception
    assert app.session_state["shares"] == pytest.approx((expected, expected))
    assert app.number_input(key="share").label == "Share, %"


@pytest.mark.parametrize(("stored", "expected"), [(0.0, DEFAULT_PREVALENCE), (0.1, 0.005), (120.0, 0.95)])
def test_a_stored_share_beyond_the_limits_is_moved_to_them(stored: float, expected: float) -> None:
    def read() -> None:
        import streamlit as st

        from pages.shared.layout import prevalence_under

        st.session_state["share_read"] = prevalence_under("stored")

    app = AppTest.from_function(read, default_timeout=TIMEOUT)
    app.session_state["stored"] = stored
    app.run()
    assert app.session_state["share_read"] == pytest.approx(expected)
