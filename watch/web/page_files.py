"""The page's files: the one document, and what it loads.

The address of a file holds an edition, which is another one as soon as any file is changed: so a
browser may keep what it was given, and a page that is opened again asks for no file. The document
names all modules of its view ahead, which a browser would else find one import after the other.
Nothing here knows what a view shows; a file of the page that is asked for without the edition is
sent with the wish to ask again.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

VIEWS = {
    "/": "runs",
    "/run": "run",
    "/episode": "episode",
    "/compare": "compare",
    "/author": "author",
    "/start": "start",
    "/review": "review",
    "/graph": "graph",
    "/report": "report",
}
"""The modules in views/ by the addresses that they are shown at; router.js has the same table."""
_PAGE = Path(__file__).parents[1] / "page"
_EDITION = re.compile(r"[0-9a-f]{16}")
_IMPORT = re.compile(r'\b(?:from |import\()"(\.[^"]+\.js)"')


class PageFiles(StaticFiles):
    """What is served below `/page/`, with the edition as a folder or without it."""

    def __init__(self) -> None:
        super().__init__(directory=_PAGE)
        self._edition = edition()

    def document(self, address: str, csrf: str, nonce: str) -> str:
        """The document for the view at this address, with its tokens."""
        self._edition = edition()
        names = modules(self._edition, VIEWS[address])
        ahead = "\n".join(f'<link rel="modulepreload" href="/page/{name}">' for name in names)
        text = (_PAGE / "index.html").read_text(encoding="utf-8").replace("{{modules}}", ahead)
        text = text.replace('"/page/', f'"/page/{self._edition}/')
        return text.replace("{{csrf}}", csrf).replace("{{nonce}}", nonce)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """As `StaticFiles` does; `path` may begin with an edition, and with an earlier one: a page
        that was opened before an update goes on."""
        first, _, rest = path.partition("/")
        response = await super().get_response(rest if _EDITION.fullmatch(first) else path, scope)
        lasting = first == self._edition and response.status_code in (200, 304)
        kept = "private, max-age=31536000, immutable" if lasting else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


def edition() -> str:
    """A digest of the files as they stand, by their names, sizes and times."""
    digest = hashlib.blake2b(digest_size=8)
    for folder, folders, names in os.walk(_PAGE):
        folders[:] = sorted(name for name in folders if name != "node_modules")
        for name in sorted(names):
            file = Path(folder, name)
            state = file.stat()
            digest.update(f"{file}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=len(VIEWS))
def modules(edition: str, view: str) -> tuple[str, ...]:
    """What app.js and the view import, however indirectly, as paths below `/page/`."""
    found: dict[Path, None] = {}
    waiting = [_PAGE / "app.js", _PAGE / "views" / f"{view}.js"]
    while waiting:
        module = waiting.pop(0)
        if module in found:
            continue
        found[module] = None
        if module.parent.name != "vendor":  # a bundle imports nothing
            text = module.read_text(encoding="utf-8")
            named = (os.path.normpath(module.parent / name) for name in _IMPORT.findall(text))
            waiting += map(Path, named)
    return tuple(module.relative_to(_PAGE).as_posix() for module in found)
