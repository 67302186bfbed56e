"""Actor and critic: the rulebook that reasons from findings alone, and models that answer in the same shapes."""
