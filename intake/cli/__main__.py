"""`python -m intake.cli` is `niemphong`; the supervisor starts its parts this way."""

from intake.cli import main

main()
