"""Pictures of a single neuron: firing, its decision regions, the step as a limit. Text in, text out; no Matplotlib."""
