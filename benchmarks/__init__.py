"""The demo, and the tables of speed and quality, on pictures that the project makes itself."""
