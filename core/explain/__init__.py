"""Why a model answers as it does on one film, and what was measured of each way to show it."""
