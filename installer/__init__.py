"""What brings SinDDM into an editor."""
