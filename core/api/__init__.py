"""The HTTP interface: scores over ``POST /api/v1/score``; ``service.py`` serves it beside the app."""
