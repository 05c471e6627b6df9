"""The OpenAPI of the API, with what the library does not say by itself: problems and files have media types of their own."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

PROBLEM = "application/problem+json"
FILES = ("application/octet-stream",)


class DescribedAPI(NinjaAPI):
    """An API whose description tells problems as they are sent."""

    def get_openapi_schema(self, **given: Any) -> Any:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**given)
        for item in schema["paths"].values():
            for operation in item.values():
                _tell(operation)
        return schema


def _tell(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status, response in responses.items():
        if int(status) >= 400 and "application/json" in response.get("content", {}):
            response["content"] = {PROBLEM: response["content"]["application/json"]}
    if not any(int(status) < 400 for status in responses):
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILES}
        responses[200] = {"description": "the file", "content": content}
