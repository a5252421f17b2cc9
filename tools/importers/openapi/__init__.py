"""OpenAPI 2.0, 3.0, 3.1 and 3.2 documents: one tool an operation.

Parameters from path, query, header and cookie and the properties of the body stand side by side;
where each goes on the wire is in the tool's source, so that it can be called. The schema of the
success response is what it returns. Credentials are no parameters: the scheme is in the source.
"""

from .document import read, recognised

__all__ = ["read", "recognised"]
