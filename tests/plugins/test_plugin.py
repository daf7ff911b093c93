"""Airflow loads the page's plugin, and nothing heavy with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from nlp.apps.local.home import PROJECT

_LOAD = """
import json, sys
from airflow import plugins_manager
apps, _ = plugins_manager.get_fastapi_plugins()
info = [p for p in plugins_manager.get_plugin_info() if p["name"] == "triage_review"]
heavy = ("torch", "pandas", "sentence_transformers", "hdbscan", "spacy", "triage_page.app")
print(json.dumps({
    "errors": plugins_manager.get_import_errors(),
    "prefixes": [a["url_prefix"] for a in apps],
    "views": info[0]["external_views"] if info else [],
    "heavy": [m for m in heavy if m in sys.modules],
}))
"""


def test_the_plugin_is_loaded_alone_and_lightly(tmp_path: Path) -> None:
    """One app under /triage and one entry in the menu; its helpers are no plugins of their own."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(PROJECT),
    }
    output = subprocess.run(
        [sys.executable, "-c", _LOAD],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    result = json.loads(output.strip().splitlines()[-1])
    assert result["errors"] == {}
    assert result["prefixes"] == ["/triage"]
    assert [(v["href"], v["url_route"]) for v in result["views"]] == [("triage/", "support-triage")]
    assert result["heavy"] == []
