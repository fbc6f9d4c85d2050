"""The catalogue of publications, as it was before it had revisions."""

import sqlalchemy as sa
from alembic import op

from football_assets.warehouse.relations import UtcInstant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the two tables of the catalogue."""
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("published_at", UtcInstant, nullable=False),
        sa.Column("as_of", UtcInstant, nullable=True, comment="Newest provider clock among the rows"),
        sa.Column("run_id", sa.Text, nullable=True),
    )
    op.create_table(
        "published_parts",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("publication_id", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False, comment="SHA-256 of the lake's file"),
        sa.Column("columns_json", sa.Text, nullable=False, comment="Names and types of the columns"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("published_parts")
    op.drop_table("publications")
