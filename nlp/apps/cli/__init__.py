"""The command line `triage`."""
