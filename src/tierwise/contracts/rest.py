"""How an HTTP API is read: where its rows are, how its pages follow one another, and which variable holds the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Paging:
    """How one page leads to the next.

    `page` counts pages from `first` in the parameter `param`, `offset` counts rows in steps of `limit`; both end with
    an empty page, or where the number at the JSON path `total` (of pages, of rows) is reached. `token` sends what
    stands at the JSON path `next` in the parameter `param`. `link` follows the address at `next`, `header` that of the
    header Link. `auto` takes what the first answer shows.
    """

    kind: Literal["auto", "single", "page", "offset", "token", "link", "header"] = "auto"
    param: str | None = None
    first: int = 1
    limit: int = 100
    limit_param: str = "limit"
    total: str | None = None
    next: str = "next"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a request says who asks. `variable` names the environment variable of the secret, which stands nowhere else.

    `name` is that of the header or parameter of an `api_key`; `user` the user of `basic`.
    """

    variable: str
    kind: Literal["bearer", "api_key", "basic"] = "bearer"
    name: str = "X-API-Key"
    place: Literal["header", "query"] = "header"
    user: str = ""


@dataclass(frozen=True, slots=True)
class RestOptions:
    """One resource of an API. `rows` is the JSON path of its rows; `since` the parameter that takes the cursor's value."""

    path: str = ""
    rows: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None
    paging: Paging = Paging()
    auth: Credentials | None = None
