"""Read rights notices in prose: what they give, to which object, and by whom."""

from dateline.rights.notices.read_notices import find_notices, read_notice

__all__ = ["find_notices", "read_notice"]
