"""What the operating system refuses: a folder or a disk that this user may not write to, or a file that may not be read."""

from __future__ import annotations

import errno

from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text

DENIED = ErrorKind(
    "resource.denied",
    Family.RESOURCE,
    what=Text("the operating system refuses this: {message}", "操作系统拒绝了此操作：{message}"),
    cause=Text(
        "the file or folder, or the disk it lies on, is read-only for this user",
        "该文件或文件夹（或所在磁盘）对当前用户只读",
    ),
    cure=Text(
        "name another folder with --out or --workspace, or give this user the right to write there; what is published has "
        "not changed",
        "请用 --out 或 --workspace 指定其他文件夹，或为当前用户授予写入权限；已发布的结果没有改变",
    ),
)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def as_denied(error: OSError) -> TierwiseError | None:
    """The error to show for what the operating system refused; None for anything else, which is a defect."""
    if error.errno not in _REFUSED:
        return None
    place = Place(file=str(error.filename)) if error.filename else None
    return DENIED.error(place, message=error.strerror or str(error))
