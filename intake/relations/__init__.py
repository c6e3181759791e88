"""The members' door to relations: one's own, and for a head those of the body's members."""
