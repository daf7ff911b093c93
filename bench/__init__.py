"""What the project reaches, measured on public sets: `make bench`."""
