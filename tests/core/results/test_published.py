"""Published results: keyed by our metrics, each with a source and a line on its honesty."""

import re

import numpy as np

from core.evaluation.metrics import METRICS
from core.models.registry import MODELS
from core.results.published import NOTEBOOK, PUBLISHED


def test_results_use_our_metrics_and_say_where_they_come_from():
    results = PUBLISHED + NOTEBOOK
    assert len({result.name for result in results}) == len(results)
    for result in results:
        assert set(result.metrics) <= set(METRICS)
        assert result.source
        assert result.honesty.endswith(".")
        for estimate in result.metrics.values():
            assert 0 < estimate.value < 1
            assert np.isnan(estimate.low) or estimate.low < estimate.value < estimate.high


def test_publications_have_a_citation_or_say_that_there_is_none():
    for result in PUBLISHED:
        assert re.search(r"\b10\.\d{4,}/\S+", result.source) or result.source.startswith("Source not public")


def test_notebook_results_point_to_the_models_that_repeat_them():
    assert {result.model for result in NOTEBOOK} <= set(MODELS)
