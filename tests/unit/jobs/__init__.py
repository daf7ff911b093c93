"""A package, as other folders hold tests of the same names."""
