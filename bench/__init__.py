"""What README promises, measured: `make bench`."""
