"""The way of an incident; imports none of bot, webhooks, memory."""
