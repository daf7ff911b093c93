"""Pure steps over texts and arrays, the jobs that connect them to a store, and the entry points."""

__version__ = "0.1.0"
