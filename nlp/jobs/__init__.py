"""The use-cases: one module a DAG, each joining pure steps to a store that it is given."""
