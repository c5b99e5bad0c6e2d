"""Corrections and the tags of each."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    for column in ("text_hash", "name", "at"):
        op.create_index(f"ix_corrections_{column}", "corrections", [column])
    op.create_table(
        "correction_tags",
        sa.Column(
            "correction_id",
            sa.Integer,
            sa.ForeignKey("corrections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("tag", sa.String(200), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("threshold", sa.Float),
        sa.Column("suggested", sa.Boolean, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("correction_tags")
    op.drop_table("corrections")
