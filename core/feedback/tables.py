"""The tables of the feedback database, as its newest migration leaves them."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

# at: UTC, without a zone. name: who corrected, "" if nobody said. model: the run's recipe.
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text_hash", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("url", Text, nullable=False),
    Column("run", String(64), nullable=False),
    Column("model", String(200), nullable=False),
    Column("name", String(200), nullable=False, index=True),
    Column("at", DateTime, nullable=False, index=True),
)

# Every tag that was shown or chosen. score, threshold: none for a tag that was not shown.
# verdict: accepted, rejected, added, or "" for a tag that was shown and left alone.
CORRECTION_TAGS = Table(
    "correction_tags",
    METADATA,
    Column("correction_id", ForeignKey("corrections.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("score", Float),
    Column("threshold", Float),
    Column("suggested", Boolean, nullable=False),
    Column("verdict", String(10), nullable=False),
)
