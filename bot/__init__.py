"""The process: settings, wiring, the command line. Nobody imports it."""
