"""Alerts that were left alone are found by their cycle: a recovery may arrive before what it recovers.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the index."""
    left = sa.text("ignored IS NOT NULL")
    op.create_index("alerts_left", "alerts", ["source", "cycle"], sqlite_where=left, postgresql_where=left)
