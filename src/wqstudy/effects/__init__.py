"""Was it the treatment? Change beyond controls, with its doubt, and a verdict."""
