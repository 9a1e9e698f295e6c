"""Login with OpenID Connect, where an operator has configured it in Streamlit's secrets."""

import streamlit as st


def is_configured() -> bool:
    """Whether the secrets hold an ``[auth]`` section."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def require() -> None:
    """Where login is configured, show the door to whoever is not logged in, and stop."""
    if not is_configured():
        return
    if st.user.is_logged_in:
        with st.sidebar:
            st.caption("You are logged in.")
            st.button("Log out", icon=":material/logout:", on_click=st.logout, key="log_out")
        return
    st.title("Who are you?", anchor=False)
    st.markdown("This installation of LungLens is open to people of its organisation. Log in to go on.")
    st.button("Log in", icon=":material/login:", type="primary", on_click=st.login, key="log_in")
    st.stop()
