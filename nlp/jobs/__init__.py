"""The use-cases: each connects pure steps to the store that it is given."""
