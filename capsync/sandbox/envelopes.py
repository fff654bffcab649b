"""How each generation of the API words a failure that no handler has worded itself."""

from __future__ import annotations

from typing import Any

_REWARDS = "/api_gateway/rewards/"


def failure(path: str, code: int, message: str) -> Any:
    """The error body of the generation that `path` belongs to (api notes: platform 6)."""
    if path.startswith(_REWARDS):
        return {"status": {"success": False, "code": code, "message": message}}
    if path.startswith("/api_gateway/"):
        fault = {"code": code, "message": message, "reference": None}
        return {"data": None, "errors": [fault], "warnings": None}
    if path.startswith("/v3/"):
        return {"data": None, "errors": [{"code": code, "message": message}], "warnings": None}
    if path.startswith(("/v1.1/", "/v1/")):
        return {"response": {"status": {"success": "false", "code": str(code), "message": message}}}
    return {"errors": [{"status": False, "code": code, "message": message}], "warnings": []}
