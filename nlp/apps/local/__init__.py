"""Airflow, the database and the service on one machine: `triage demo` and `triage up`."""
