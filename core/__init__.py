"""LungLens core: data, models, evaluation, explanation and impact, without any user interface."""
