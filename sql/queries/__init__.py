"""Queries on Postgres: for the page, its exports, the API and the command line.

The SQL files in this folder answer an analyst's first ten questions.
"""
