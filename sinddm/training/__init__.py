"""Learning a network from a picture: recipes, batches, steps, how long it goes on, and how it is gone on with."""
