"""Tests of the review page, with one Airflow and one browser for all of them."""
