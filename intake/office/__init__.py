"""The administrator's office: who is enrolled, and one-time links for those who have to be."""
