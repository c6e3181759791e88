"""The handlers' door: the queue and the case file."""
