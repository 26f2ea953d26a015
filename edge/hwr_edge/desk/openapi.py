"""The API's description of itself, as OpenAPI 3.1; schemathesis checks that both agree."""

from __future__ import annotations

from typing import Any

from hwr_edge import __version__
from hwr_edge.desk.batch import State
from hwr_edge.desk.reading_options import MOST_TOP
from hwr_edge.image.shape import Shape
from hwr_edge.limits import REQUEST_BYTES, REQUEST_PAGES, REQUEST_SECONDS, RESULTS_BYTES
from hwr_edge.line.decoder import Decoder
from hwr_edge.results.separator import Separator

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_ROW = (
    "A row as `hwr-edge file --format json` prints it; box is [left, top, width, height] in pixels."
)


def description() -> Schema:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hwr-edge desk",
            "version": __version__,
            "description": "Reads handwritten names, forms and lists, on this machine alone.",
        },
        "security": [{"token": []}],
        "paths": {**_reading(), **_batches(), **_files()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> Schema:
    error = _object({"code": _TEXT, "message": _TEXT}, "code", "message")
    count: Schema = {"type": "integer", "minimum": 0}
    batch = {
        "id": _TEXT,
        "title": _TEXT,
        "created": {"type": "string", "format": "date-time"},
        "options": {"type": "object"},
        "state": {"enum": [state.value for state in State]},
        "problem": _TEXT,
        "problems": _TEXTS,
        "notes": _TEXTS,
        **dict.fromkeys(("scans", "pages", "read", "rows"), count),
    }
    row = {
        "schema": {"const": 1},
        "image": _TEXT,
        "page": {"type": "integer", "minimum": 1},
        "field": _TEXT,
        "text": _TEXT,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "match": {"type": ["string", "null"]},
        "review": {"type": "boolean"},
        "name": {"type": ["string", "null"], "description": "the answer, else what was proposed"},
        "checked": {"enum": ["yes", "no", "unreadable"]},
    }
    return {
        "Error": _object({"error": error}, "error"),
        "Batch": _object(batch, *batch),
        "Row": {**_object(row, "schema", "image", "text", "confidence"), "description": _ROW},
        "Options": _object(_options()),
    }


def _options() -> dict[str, Schema]:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return {
        "layout": {"enum": [shape.value for shape in Shape]},
        "form": {"type": "string", "description": "name of a form of the desk"},
        "form_pages": {"type": "string", "description": "pages that show the form: 1, or 1/6"},
        "list": {"type": "string", "description": "name of a list of the desk"},
        "columns": {**_TEXTS, "description": "headings of the list's columns with the names"},
        "accept": {**share, "description": "below it a person should look"},
        "top": {"type": "integer", "minimum": 0, "maximum": MOST_TOP},
        "decoder": {"enum": [decoder.value for decoder in Decoder]},
    }


def _reading() -> Schema:
    limits = (
        f"At most {REQUEST_BYTES >> 20} MiB, {REQUEST_PAGES} pages and {REQUEST_SECONDS} seconds."
    )
    fields = {"file": {"type": "string", "format": "binary"}, **_options()}
    fields["columns"] = {"type": "string", "description": "headings, with commas between"}
    found = _object({"rows": _list("Row"), "problems": _TEXTS}, "rows", "problems")
    body = _multipart(_object(fields, "file"))
    read = _operation(
        "read", "Read one image or PDF at once", found, 400, 413, 415, 422, 429, body=body
    )
    return {"/api/read": {"post": {**read, "description": limits}}}


def _batches() -> Schema:
    batch = _ref("Batch")
    listed = _object({"batches": _list("Batch"), "damaged": _TEXTS}, "batches", "damaged")
    made = {"title": _TEXT, **_options()}
    new = {"required": True, "content": {"application/json": {"schema": _object(made)}}}
    added = {"allOf": [batch, _object({"added": _TEXTS}, "added")]}
    scans = _multipart(
        _object(
            {
                "file": {
                    "type": "array",
                    "items": {"type": "string", "format": "binary"},
                    "minItems": 1,
                }
            },
            "file",
        )
    )
    rows = _object(
        {"rows": _list("Row"), "next": {"type": "integer"}, "state": _TEXT}, "rows", "next", "state"
    )
    deleted = _object({"deleted": _TEXT}, "deleted")
    one = "/api/batches/{batch}"
    return {
        "/api/batches": {
            "get": _operation("batches", "All batches, the newest first", listed),
            "post": _operation(
                "newBatch", "Make an empty batch", batch, 400, 413, 415, body=new, status=201
            ),
        },
        one: {
            "parameters": [_BATCH],
            "get": _operation("batch", "How far a batch is", batch, 400, 404),
            "delete": _operation("deleteBatch", "Delete a batch for good", deleted, 400, 404),
        },
        f"{one}/scans": {
            "parameters": [_BATCH],
            "post": _operation(
                "addScans",
                "Add images and PDFs",
                added,
                400,
                404,
                413,
                415,
                429,
                body=scans,
                status=202,
            ),
        },
        f"{one}/results": {
            "parameters": [_BATCH, *_RANGE],
            "get": _operation("results", "The rows so far", rows, 400, 404),
        },
        f"{one}/table": {
            "parameters": [_BATCH, *_TABLE],
            "get": _table_operation(),
        },
        f"{one}/cancel": {
            "parameters": [_BATCH],
            "post": _operation("cancel", "Stop reading; what was read stays", batch, 400, 404),
        },
        f"{one}/continue": {
            "parameters": [_BATCH],
            "post": _operation("goOn", "Read what is unread", batch, 400, 404, 409),
        },
    }


def _files() -> Schema:
    binary = {"type": "string", "format": "binary"}
    one = _multipart(_object({"file": binary}, "file"))
    many = _multipart(_object({"file": {"type": "array", "items": binary, "minItems": 1}}, "file"))
    kept = _object(
        {"name": _TEXT, "names": {"type": "integer"}, "notes": _TEXTS}, "name", "names", "notes"
    )
    return {
        "/api/lists": {
            "get": _operation("lists", "The lists", _object({"lists": _TEXTS}, "lists")),
            "post": _operation("addList", "Add a list of names", kept, 400, 413, 415, body=one, status=201),
        },
        "/api/forms": {
            "get": _operation("forms", "The forms", _object({"forms": _TEXTS}, "forms")),
            "post": _operation(
                "addForm", "Add a form: its template, with the images and lists that it names",
                _object({"names": _TEXTS}, "names"), 400, 413, 415, body=many, status=201,
            ),
        },
    }  # fmt: skip


def _operation(
    name: str,
    summary: str,
    found: Schema,
    *wrong: int,
    body: Schema | None = None,
    status: int = 200,
) -> Schema:
    answers = {str(status): _answer("done", found)}
    answers |= {str(code): _answer("not done", _ref("Error")) for code in (401, 403, *wrong, 507)}
    return {
        "operationId": name,
        "summary": summary,
        "responses": answers,
        **({"requestBody": body} if body else {}),
    }


def _table_operation() -> Schema:
    found = _operation("table", "The table for people, as CSV or XLSX", {}, 400, 404)
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    found["responses"]["200"]["content"] = {"text/csv": {"schema": _TEXT}, xlsx: {}}
    return found


def _answer(told: str, schema: Schema) -> Schema:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _object(properties: dict[str, Any], *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _multipart(schema: Schema) -> Schema:
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _query(name: str, told: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": told, "schema": schema}


_BATCH: Schema = {"name": "batch", "in": "path", "required": True, "schema": _TEXT}
_RANGE = (
    _query("after", "what `next` of the answer before was", {"type": "integer", "minimum": 0, "maximum": RESULTS_BYTES}),
    _query("first", "how many rows came before", {"type": "integer", "minimum": 0, "maximum": 1 << 31}),
    _query("count", "rows at most", {"type": "integer", "minimum": 0, "maximum": 5000}),
)  # fmt: skip
_TABLE = (
    _query("format", "by itself csv", {"enum": ["csv", "xlsx"]}),
    _query("separator", "of the CSV", {"enum": [separator.value for separator in Separator]}),
)
