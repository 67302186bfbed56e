"""The record: alerts, incidents and their entries, signals, effects, what was healed, what is remembered.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
_FINAL = ("entries", "effects", "config_history")  # tables whose rows are appended and never touched again


def upgrade() -> None:
    """Creates every table; on SQLite also the triggers that keep the record append-only, and the index for recall."""
    _intake()
    _incidents()
    _ledgers()
    _memory()
    if op.get_bind().dialect.name == "sqlite":
        _append_only()
        _search()


def _intake() -> None:
    op.create_table(
        "alerts",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("alert_id", sa.String(64), nullable=False, unique=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.String(200)),
        sa.Column("placed_at", MOMENT),
        sa.Column("ignored", sa.Text()),
    )
    waiting, placed = sa.text("placed_at IS NULL"), sa.text("incident_id IS NOT NULL")
    op.create_index("alerts_waiting", "alerts", ["seq"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("alerts_by_cycle", "alerts", ["source", "cycle"], sqlite_where=placed, postgresql_where=placed)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.String(200), primary_key=True),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("detected_at", MOMENT, nullable=False, index=True),
        sa.Column("resolved_at", MOMENT),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("metrics_snapshot", sa.JSON(), nullable=False),
        sa.Column("mttr_seconds", sa.Double()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(80), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("opened_as", sa.Text(), nullable=False, index=True),
        sa.Column("target", sa.Text(), nullable=False, index=True),
        sa.Column("phase", sa.String(20), nullable=False, index=True),
        sa.Column("detailed_status", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40)),
    )
    op.create_table(
        "entries",
        sa.Column("incident_id", sa.String(200), sa.ForeignKey("incidents.incident_id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("incident_id", "key", name="entries_key_once"),
    )
    op.create_table(
        "signals",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.String(200), sa.ForeignKey("incidents.incident_id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("incident_id", "key", name="signals_key_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("signals_in_order", "signals", ["incident_id", "seq"])


def _ledgers() -> None:
    op.create_table(
        "chains",
        sa.Column("chain", sa.String(240), primary_key=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
    )
    op.create_table(
        "effects",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("key", "state", name="effects_state_once"),
    )


def _memory() -> None:
    op.create_table(
        "healing_actions",
        sa.Column("action_id", sa.String(240), primary_key=True),
        sa.Column("incident_id", sa.String(200), sa.ForeignKey("incidents.incident_id"), nullable=False, index=True),
        sa.Column("proposed_action", sa.JSON(), nullable=False),
        sa.Column("agl_decision", sa.String(20), nullable=False),
        sa.Column("approved_action", sa.JSON()),
        sa.Column("executed_at", MOMENT),
        sa.Column("result", sa.String(20)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("remedy", sa.String(80), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, index=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("past", sa.String(20)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT),
    )
    op.create_table(
        "config_history",
        sa.Column("config_id", sa.String(240), primary_key=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.String(200), sa.ForeignKey("incidents.incident_id"), nullable=False, index=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "memory_chunks",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("memory_id", sa.String(200), nullable=False, unique=True),
        sa.Column("incident_type", sa.String(80), nullable=False, index=True),
        sa.Column("incident_summary", sa.Text(), nullable=False),
        sa.Column("action_taken", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("metrics_before", sa.JSON(), nullable=False),
        sa.Column("metrics_after", sa.JSON(), nullable=False),
        sa.Column("mttr_seconds", sa.Double()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("symptoms", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(80), nullable=False),
        sa.Column("remedy", sa.String(80), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(4), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("cause_confirmed", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cost_usd", sa.Double(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
    )
    op.create_index("memory_chunks_by_remedy", "memory_chunks", ["incident_type", "remedy"])


def _append_only() -> None:
    for table in _FINAL:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER chains_refuse_update BEFORE UPDATE ON chains WHEN new.length <> old.length + 1 OR new.chain <> old.chain "
        "BEGIN SELECT RAISE(ABORT, 'a chain only grows by one'); END"
    )
    op.execute("CREATE TRIGGER chains_refuse_delete BEFORE DELETE ON chains BEGIN SELECT RAISE(ABORT, 'a chain is kept for good'); END")


def _search() -> None:
    """Where SQLite was built without FTS5, recall reads the rows themselves."""
    modules = op.get_bind().exec_driver_sql("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
    if modules.first() is not None:
        op.execute("CREATE VIRTUAL TABLE memory_search USING fts5(symptoms, tokenize='trigram')")
