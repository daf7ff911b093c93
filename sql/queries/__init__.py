"""What is read from Postgres: by the page, its exports, the API and the command line.

The SQL files beside it answer an analyst's first ten questions.
"""
