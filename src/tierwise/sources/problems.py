"""The errors that more than one reader raises."""

from __future__ import annotations

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

NOT_FOUND = ErrorKind(
    "input.not_found",
    Family.DATA,
    what=Text("there is no file {path}", "找不到文件 {path}"),
    cause=Text("the path is misspelt, or the file was moved", "路径写错了，或者文件已被移走"),
    cure=Text("check the path; a path with spaces needs quotes", "请检查路径；路径中有空格时要加引号"),
)
UNREADABLE = ErrorKind(
    "input.unreadable",
    Family.DATA,
    what=Text("{path} cannot be read", "无法读取 {path}"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "allow this user to read it, close the program that locks it, or copy it elsewhere",
        "请给当前用户读取权限，关闭占用它的程序，或把它复制到别处再试",
    ),
)
FOLDER_WITHOUT_DATA = ErrorKind(
    "input.folder_without_data",
    Family.DATA,
    what=Text("{path} is a folder without Parquet files", "{path} 是文件夹，里面没有 Parquet 文件"),
    cause=Text(
        "a folder is read as the parts of one Parquet table; other formats are read one file at a time",
        "文件夹只能作为一张 Parquet 表的多个分片读取；其他格式要逐个文件读取",
    ),
    cure=Text("name the file itself: {example}", "请写出文件本身的路径：{example}"),
)
UNKNOWN_FORMAT = ErrorKind(
    "input.unknown_format",
    Family.DATA,
    what=Text("{path} is not in a format that can be read", "无法识别 {path} 的格式"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "save it as CSV, TSV, .xlsx, Parquet or JSON lines, or give the URL of a database",
        "请另存为 CSV、TSV、.xlsx、Parquet 或 JSON Lines，或填写数据库地址",
    ),
)
EMPTY = ErrorKind(
    "input.empty",
    Family.DATA,
    what=Text("{path} is empty", "{path} 是空的"),
    cause=Text("it has no bytes, or nothing but blanks", "文件没有内容，或只有空白"),
    cure=Text("export it again from the system it comes from", "请从原系统重新导出"),
)
NO_ROWS = ErrorKind(
    "input.no_rows",
    Family.DATA,
    what=Text("{path} has a header but no rows", "{path} 只有表头，没有数据"),
    cause=Text("the export found nothing, or a filter was left on", "导出时没有查到数据，或忘了取消筛选"),
    cure=Text("export again over a longer period", "请放宽时间范围后重新导出"),
)
DAMAGED = ErrorKind(
    "input.damaged",
    Family.DATA,
    what=Text("{path} is damaged: {reason}", "{path} 已损坏：{reason}"),
    cause=Text("it was cut off while it was downloaded or copied", "下载或复制过程中断，文件不完整"),
    cure=Text("fetch it again and compare its size", "请重新获取文件并核对大小"),
)
