"""Files that were made or given, and what is in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key
from oms_api.kernel.ids import FileId


class StoredFileRow(Base):
    """What is known of a file; only who may see all of its channels and locations sees it."""

    __tablename__ = "stored_file"
    id: Mapped[Key[FileId]]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes]
    channel_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    location_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_of_32_bytes"),
        Index(None, "expires_at", postgresql_where="expires_at IS NOT NULL"),
    )


class StoredContentRow(Base):
    """The bytes of a file that is kept in the database."""

    __tablename__ = "stored_content"
    file_id: Mapped[FileId] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes]
