"""What can go wrong between an HTTP API and its rows."""

from __future__ import annotations

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

MISSING_EXTRA = ErrorKind(
    "source.missing_extra",
    Family.RESOURCE,
    what=Text("HTTP APIs cannot be read: dlt is not installed", "无法读取 HTTP 接口：没有安装 dlt"),
    cause=Text("it comes with the optional extra `rest`", "它属于可选组件 rest"),
    cure=Text("pip install 'tierwise[rest]'", "pip install 'tierwise[rest]'"),
)
NO_SECRET = ErrorKind(
    "source.no_secret",
    Family.CONFIG,
    what=Text("the environment variable {variable} is not set", "未设置环境变量 {variable}"),
    cause=Text("`auth` of the source names it as the place of the secret", "数据源的 auth 指定由它提供密钥"),
    cure=Text("export {variable}=…, and start again", "请执行 export {variable}=… 后重试"),
)
SECRET_IN_URL = ErrorKind(
    "source.secret_in_url",
    Family.CONFIG,
    what=Text("the address of an API holds a user or a password", "接口地址中写有用户名或密码"),
    cause=Text("project files are shared and kept in git", "项目文件会被共享并存入 git"),
    cure=Text(
        "write auth: {{kind: basic, user: …, variable: NAME}} and set that variable",
        "请写 auth: {{kind: basic, user: …, variable: 变量名}} 并设置该环境变量",
    ),
)
NO_SINCE = ErrorKind(
    "source.no_since",
    Family.CONFIG,
    what=Text("there is a cursor {cursor}, but no parameter to send it in", "有增量列 {cursor}，但没有接收它的参数"),
    cause=Text("without one, the API sends everything each time", "缺少该参数时，接口每次都会返回全部数据"),
    cure=Text(
        "name it, as rest: {{since: updated_since}}, or leave `cursor` out to read a snapshot",
        "请指明，例如 rest: {{since: updated_since}}；或去掉 cursor，按快照读取",
    ),
)
NO_CURSOR_COLUMN = ErrorKind(
    "source.no_cursor_column",
    Family.CONFIG,
    what=Text("the rows have no column {cursor}", "数据中没有列 {cursor}"),
    cause=Text("they have: {known}", "现有的列：{known}"),
    cure=Text("name one of them as `cursor`", "请把其中之一填作 cursor"),
)
HTTP_UNREACHABLE = ErrorKind(
    "source.http_unreachable",
    Family.RESOURCE,
    what=Text("{url} cannot be reached", "无法连接 {url}"),
    cause=Text("{reason}", "{reason}"),
    cure=Text("check the address and the network, then try again", "请检查地址和网络后重试"),
)
HTTP_FAILED = ErrorKind(
    "source.http_failed",
    Family.RESOURCE,
    what=Text("{url} answered {status}", "{url} 返回 {status}"),
    cause=Text("the server says: {body}", "服务器说明：{body}"),
    cure=Text("{cure}", "{cure}"),
)
NOT_JSON = ErrorKind(
    "source.not_json",
    Family.DATA,
    what=Text("{url} answered something that cannot be read", "无法解析 {url} 返回的内容"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "open the address: it may be a page to log in, or answer in another format; check `paging` too",
        "请打开该地址：可能是登录页，或返回的不是 JSON；同时检查 paging",
    ),
)
NO_ROWS_PATH = ErrorKind(
    "source.no_rows_path",
    Family.CONFIG,
    what=Text("the answer of {url} has nothing at {path}", "{url} 的返回内容中没有 {path}"),
    cause=Text("it has: {keys}", "其中有：{keys}"),
    cure=Text("set `rows` of the source to the path of the rows", "请把数据源的 rows 设为数据行所在的路径"),
)
NOT_ROWS = ErrorKind(
    "source.not_rows",
    Family.DATA,
    what=Text("what {url} has at {path} are no objects", "{url} 在 {path} 处的内容不是对象"),
    cause=Text("a row is an object of names and values", "每一行应是由名称和值组成的对象"),
    cure=Text("set `rows` of the source to the path of the rows", "请把数据源的 rows 设为数据行所在的路径"),
)
PAGES_REPEAT = ErrorKind(
    "source.pages_repeat",
    Family.DATA,
    what=Text("the pages of {url} never end: one came twice", "{url} 的分页没有尽头：同一页出现了两次"),
    cause=Text(
        "the server does not know the parameter of the page, or links back", "服务器不识别分页参数，或链接指回前页"
    ),
    cure=Text("set `paging` of the source as the API's manual says", "请按接口文档设置数据源的 paging"),
)
FOREIGN_PAGE = ErrorKind(
    "source.foreign_page",
    Family.DATA,
    what=Text("the next page is on another host: {host}", "下一页位于另一台主机：{host}"),
    cause=Text("following it would send the secret there", "继续访问会把密钥发给该主机"),
    cure=Text("if that host is right, use it in `location`", "若该主机确实正确，请在 location 中使用它"),
)
