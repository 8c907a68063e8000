"""settings of a realm"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("operator_tokens", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("operator_until", sa.Double(), nullable=False, server_default="0"))
    op.create_table(
        "settings_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("realm", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("undoes", sa.String(length=32), nullable=False),
        sa.Column("undone", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("settings_change", schema=None) as batch_op:
        batch_op.create_index("settings_change_by_time", ["realm", "at"], unique=False)
    op.create_table(
        "settings_version",
        sa.Column("realm", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("realm"),
    )


def downgrade() -> None:
    op.drop_table("settings_version")
    with op.batch_alter_table("settings_change", schema=None) as batch_op:
        batch_op.drop_index("settings_change_by_time")
    op.drop_table("settings_change")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_column("operator_until")
        batch_op.drop_column("operator_tokens")
