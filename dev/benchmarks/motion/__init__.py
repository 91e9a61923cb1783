"""The bench of the motion detector: what it sees, misses and imagines, beside others, on one footage."""
