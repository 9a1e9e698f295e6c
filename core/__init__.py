"""LungLens core: data, models, evaluation, explanation and impact, without any user interface."""

import os

# Packages that tell their makers of every use unless they are told not to, before they are imported. ONNX Runtime keeps
# a database below ~/.cache and sends it to Microsoft (since 1.29); Ray sends its cluster's figures.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
