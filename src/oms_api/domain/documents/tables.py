"""Files with their contents, and the templates of documents."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.documents.states import DocumentKind, TemplateStatus
from oms_api.kernel.ids import ChannelId, DocumentTemplateId, DocumentTemplateVersionId, FileId


class StoredFileRow(Base):
    """A file without its contents; only who may see all of its channels and locations sees it."""

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


class DocumentTemplateRow(Base):
    """The layout of a kind of document, in one channel or in all without one of their own. `latest` is its newest version."""

    __tablename__ = "document_template"
    id: Mapped[Key[DocumentTemplateId]]
    kind: Mapped[DocumentKind] = mapped_column(coded(DocumentKind, "kind"))
    channel_id: Mapped[ChannelId | None] = mapped_column(ForeignKey("channel.id"), index=True)
    status: Mapped[TemplateStatus] = mapped_column(coded(TemplateStatus, "status"))
    latest: Mapped[int]
    active_version_id: Mapped[DocumentTemplateVersionId | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("kind", "channel_id", postgresql_nulls_not_distinct=True),
        Index(None, "created_at", "id"),
        CheckConstraint("(status = 'ACTIVE') = (active_version_id IS NOT NULL)", name="active_by_a_version"),
    )


class DocumentTemplateVersionRow(Base):
    """A source of typst; it never changes but in its status."""

    __tablename__ = "document_template_version"
    id: Mapped[Key[DocumentTemplateVersionId]]
    template_id: Mapped[DocumentTemplateId] = mapped_column(ForeignKey("document_template.id"))
    number: Mapped[int]
    status: Mapped[TemplateStatus] = mapped_column(coded(TemplateStatus, "status"))
    source: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("template_id", "number"),
        Index("uq_document_template_version_active", "template_id", unique=True, postgresql_where=text("status = 'ACTIVE'")),
    )


results_in(DocumentTemplateRow.id, "documentTemplateSet", "documentTemplateActivate", "documentTemplateRetire")
