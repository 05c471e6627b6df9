"""What a person may write under `rest:` of a source: an HTTP API, its pages and the name of the variable of its secret."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PagingSpec(_Strict):
    """How one page leads to the next."""

    kind: Literal["auto", "single", "page", "offset", "token", "link", "header"] = "auto"
    param: str | None = Field(default=None, min_length=1, description="parameter of page, offset or token · 分页参数")
    first: int = Field(default=1, ge=0, description="number of the first page · 首页页码")
    limit: int = Field(default=100, ge=1, description="rows of a page, for offset · 每页行数")
    limit_param: str = Field(default="limit", min_length=1)
    total: str | None = Field(default=None, description="JSON path of the number of pages or rows · 总数的路径")
    next: str = Field(default="next", min_length=1, description="JSON path of the next token or link · 下一页的路径")


class AuthSpec(_Strict):
    """Who asks; the secret itself is in an environment variable."""

    variable: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="environment variable · 环境变量名")
    kind: Literal["bearer", "api_key", "basic"] = "bearer"
    name: str = Field(default="X-API-Key", min_length=1, description="header or parameter of the key · 密钥的名称")
    place: Literal["header", "query"] = "header"
    user: str = ""


class RestSpec(_Strict):
    """One resource of an HTTP API below the location of its source."""

    path: str = Field(default="", description="resource below the location · 资源路径")
    rows: str | None = Field(default=None, min_length=1, description="JSON path of the rows · 数据行的路径")
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)
    since: str | None = Field(default=None, min_length=1, description="parameter of the cursor's value · 增量参数")
    paging: PagingSpec = PagingSpec()
    auth: AuthSpec | None = None
