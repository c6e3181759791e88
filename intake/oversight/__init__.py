"""The supervisors' door, which heads of bodies share: whose turn it is to be moved."""
