"""What is computed: pure steps over texts and arrays, and the jobs that join them to a store."""

__version__ = "0.1.0"
