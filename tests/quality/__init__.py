"""How well rights are read: gold set, measures, report (`make quality`)."""
