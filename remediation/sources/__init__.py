"""One module per system that gives evidence. Each reads what concerns one incident, masks it, and tells what it could not read."""
