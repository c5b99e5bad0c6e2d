"""How the feedback database came to its present tables, step by step (alembic)."""
