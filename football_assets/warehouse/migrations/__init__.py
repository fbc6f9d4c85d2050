"""The revisions of the catalogue, in Alembic. The published tables themselves are derived from their declarations."""
