"""Documents for the importers' tests, made up for them."""

from __future__ import annotations

from typing import Any

LIBRARY_3: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Village Library", "version": "1"},
    "servers": [
        {"url": "https://{region}.library.test/v2/", "variables": {"region": {"default": "north"}}}
    ],
    "security": [{"card": []}],
    "paths": {
        "/books/{bookId}": {
            "parameters": [
                {"name": "bookId", "in": "path", "required": True, "description": "Shelf mark.",
                 "schema": {"type": "string"}}
            ],
            "get": {
                "operationId": "books.read",
                "summary": "Read a book's entry",
                "tags": ["books"],
                "parameters": [
                    {"name": "X-Card", "in": "header", "schema": {"type": "string"}},
                    {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                    {"name": "lang", "in": "query", "explode": False,
                     "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "filter[year]", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"description": "The entry.", "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/Book"}}}},
                    "404": {"description": "No such book."},
                },
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {
                        "schema": {"allOf": [
                            {"$ref": "#/components/schemas/Book"},
                            {"required": ["title"], "properties": {
                                "bookId": {"type": "string", "description": "The new mark."}}},
                        ]}}},
                },
                "responses": {"204": {"description": "Changed."}},
            },
        },
        "/loans": {
            "post": {
                "operationId": "lend",
                "description": "Lend several books at once.",
                "security": [],
                "requestBody": {"content": {"application/json": {"schema": {
                    "type": "array", "items": {"type": "string"}}}}},
                "responses": {"default": {"description": "Whatever."}},
            }
        },
    },
    "components": {
        "securitySchemes": {"card": {"type": "apiKey", "in": "header", "name": "X-Card"}},
        "schemas": {
            "Book": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "title": {"type": "string", "nullable": True, "description": "Its title."},
                    "pages": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                    "sequel": {"$ref": "#/components/schemas/Book"},
                    "shelf": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            }
        },
    },
}  # fmt: skip

FERRY_2: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Ferry"},
    "host": "ferry.test",
    "basePath": "/api",
    "schemes": ["http", "https"],
    "securityDefinitions": {"login": {"type": "basic"}},
    "paths": {
        "/crossings": {
            "get": {
                "operationId": "findCrossings",
                "parameters": [
                    {"name": "day", "in": "query", "type": "string", "format": "date",
                     "required": True, "description": "Day of travel."},
                    {"name": "ports", "in": "query", "type": "array", "items": {"type": "string"}},
                    {"$ref": "#/parameters/Page"},
                ],
                "responses": {"200": {"description": "ok", "schema": {
                    "type": "array", "items": {"$ref": "#/definitions/Crossing"}}}},
            },
            "post": {
                "operationId": "book",
                "security": [{"login": []}],
                "parameters": [
                    {"name": "order", "in": "body", "required": True,
                     "schema": {"$ref": "#/definitions/Crossing"}},
                ],
                "responses": {"201": {"description": "Booked."}, "409": {"description": "Full."}},
            },
        },
        "/tickets/{no}/scan": {
            "post": {
                "parameters": [
                    {"name": "no", "in": "path", "type": "integer", "required": True},
                    {"name": "picture", "in": "formData", "type": "file", "required": True},
                ],
                "responses": {},
            }
        },
    },
    "parameters": {"Page": {"name": "page", "in": "query", "type": "integer", "default": 1}},
    "definitions": {
        "Crossing": {
            "type": "object",
            "required": ["from"],
            "properties": {
                "from": {"type": "string", "description": "Port of departure."},
                "to": {"type": "string", "x-nullable": True, "enum": ["isle", "coast"]},
            },
        }
    },
}  # fmt: skip
