"""The named peers: the same work written the usual way."""
