"""setup links"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ONE_ACTIVE = sa.text("kind = 'operator' AND parent = '' AND ended IS NULL")


def upgrade() -> None:
    op.create_table(
        "setup_link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("realm", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.String(length=64), nullable=False),
        sa.Column("organization_name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("maker_kind", sa.String(length=16), nullable=False),
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("maker_name", sa.String(length=255), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.String(length=255), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("opened", sa.DateTime(), nullable=True),
        sa.Column("reminded", sa.DateTime(), nullable=True),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=False),
        sa.Column("ended_by", sa.String(length=255), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("setup_link", schema=None) as batch_op:
        batch_op.create_index(
            "setup_link_one_active", ["realm", "organization"], unique=True,
            sqlite_where=ONE_ACTIVE, postgresql_where=ONE_ACTIVE,
        )  # fmt: skip
        batch_op.create_index("setup_link_by_organization", ["realm", "organization", "created"], unique=False)
        batch_op.create_index("setup_link_by_external_user", ["realm", "external_user_id"], unique=False)
        batch_op.create_index("setup_link_by_expiry", ["ended", "expires"], unique=False)
        batch_op.create_index("ix_setup_link_parent", ["parent"], unique=False)
    op.create_table(
        "link_token",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=32), nullable=False),
        sa.Column("contact", sa.String(length=255), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("used", sa.DateTime(), nullable=True),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("code_until", sa.DateTime(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    with op.batch_alter_table("link_token", schema=None) as batch_op:
        batch_op.create_index("ix_link_token_link", ["link"], unique=False)
    op.create_table(
        "guest_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("realm", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("seen", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("guest_session", schema=None) as batch_op:
        batch_op.create_index("ix_guest_session_link", ["link"], unique=False)
        batch_op.create_index("ix_guest_session_expires", ["expires"], unique=False)


def downgrade() -> None:
    op.drop_table("guest_session")
    op.drop_table("link_token")
    op.drop_table("setup_link")
