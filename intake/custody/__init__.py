"""The identity custodians' door: drills."""
