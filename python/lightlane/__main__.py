"""Lets ``python -m lightlane`` do what ``lightlane`` does."""

from lightlane.cli import main

main()
