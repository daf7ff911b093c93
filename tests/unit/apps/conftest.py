"""The command line in a folder without settings."""

from tests.command_line import triage

__all__ = ["triage"]
