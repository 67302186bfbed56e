"""What people and tools print, read back into API objects, logs and series: one parser for each form, the same for files and sources."""
