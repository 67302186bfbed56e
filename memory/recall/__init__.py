"""Likeness among remembered incidents."""
