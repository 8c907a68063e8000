"""when certificates end, and whose rules outlived their authors"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("certificate_ends", sa.DateTime(), nullable=True))
    with op.batch_alter_table("role_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("orphaned", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("looked", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("role_rule", schema=None) as batch_op:
        batch_op.drop_column("looked")
        batch_op.drop_column("orphaned")
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("certificate_ends")
