"""What every API server refuses of an object, whatever stands around it: pure rules, a fault each."""
