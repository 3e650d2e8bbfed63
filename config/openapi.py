"""What every operation of the published schema has in common: its errors, and the key for repetition."""

from typing import Any

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same request, the request is carried out once and answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"description": "What is wrong, by field."},
        "status_of_record": {"type": "string", "description": "Of a refused transition."},
        "actions": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The verbs that are possible instead.",
        },
    },
    "required": ["type", "title", "status", "detail"],
}
ANY_ERROR = {
    "description": "Any error.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the problem document to every operation, and `Idempotency-Key` to every POST."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"]["default"] = ANY_ERROR
            signed = operation["operationId"] == "answer_by_webhook"  # its own id is the key of repetition
            if method == "post" and not signed:
                operation.setdefault("parameters", []).append(KEY)
    return result
