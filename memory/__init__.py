"""The record, its tables, and recall."""
