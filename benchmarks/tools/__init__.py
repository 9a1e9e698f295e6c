"""What the benchmarks share: tables and goals, films, servers and a client that speaks Streamlit's protocol."""
