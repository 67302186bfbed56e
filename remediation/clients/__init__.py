"""One module per outside system; only it imports that system's SDK. It speaks our terms and raises our errors."""
