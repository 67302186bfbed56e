"""Slack, where people meet an incident: what is said, and what is pressed."""
