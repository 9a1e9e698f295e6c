"""What a model would change for a lab: children found and missed, who waits, and money, with what is not known of each.

`core.impact.inputs` holds the inputs and their sources, `waiting` the queue, `formulas` the three uses,
`scenario` scenarios as data, `rates` the model at an operating point, `draws` the distributions, `simulate` what
follows from them and `figures` its words.
"""
