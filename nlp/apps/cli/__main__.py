"""`python -m nlp.apps.cli` is the command `triage`."""

from nlp.apps.cli.app import main

main()
