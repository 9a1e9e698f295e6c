"""The input gate: is this a frontal chest film that the models can judge?"""

from core.gate.check import Gate, GateAnswer, load_gate
from core.gate.rates import GateRates, gate_rates

__all__ = ["Gate", "GateAnswer", "GateRates", "gate_rates", "load_gate"]
