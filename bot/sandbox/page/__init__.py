"""The sandbox's page: the Slack channel on the left, the merge request on the right, buttons that do what people do."""

from bot.sandbox.page.routes import routes

__all__ = ["routes"]
