"""What reaches us, and what we answer over HTTP."""
