"""Tests of the review page; one Airflow and one browser for all of them."""
