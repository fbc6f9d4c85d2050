"""What each publication was made of, tables that were rolled back, and indices for the questions that are asked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CATALOGUE = {"alembic_version", "publications", "published_parts", "publication_parts", "rolled_back_parts"}
INDEXED = (("season", "week"), ("game_id",), ("player_id",), ("team_id",))


def upgrade() -> None:
    """Create the tables of the archive, and the indices of every published table that is there."""
    op.create_table(
        "publication_parts",
        sa.Column("publication_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False, comment="SHA-256 of the file, which is its name in the archive"),
    )
    op.create_table(
        "rolled_back_parts",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
        sa.Column("refused_checksum", sa.Text, nullable=False, comment="The lake's file that is not to be published"),
    )
    op.create_index("ix_publications_domain", "publications", ["domain", "id"])
    found = sa.inspect(op.get_bind())
    for table in sorted(set(found.get_table_names()) - CATALOGUE):
        names = {column["name"] for column in found.get_columns(table)}
        key = found.get_pk_constraint(table)["constrained_columns"]
        for indexed in INDEXED:
            if names.issuperset(indexed) and tuple(key[: len(indexed)]) != indexed:
                op.create_index(f"ix_{table}_{'_'.join(indexed)}", table, list(indexed))


def downgrade() -> None:
    """Remove them; the published tables stay as they are."""
    found = sa.inspect(op.get_bind())
    for table in sorted(set(found.get_table_names()) - CATALOGUE):
        for index in found.get_indexes(table):
            if str(index["name"]) != f"ix_{table}_season":
                op.drop_index(str(index["name"]), table)
    op.drop_index("ix_publications_domain", "publications")
    op.drop_table("rolled_back_parts")
    op.drop_table("publication_parts")
