"""What a single neuron can compute: weights that are verified, or a proof that there are none."""
