"""Enrolment, sign-in and one's own account: the member's door."""
