"""Who is answered: hosts, origins, tokens, cookies, headers, paths that want out."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..recorded_runs import write_run
from .served import Served

TOKEN = "a-long-enough-token"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "runs"
    write_run(folder / "0001", 2)
    write_run(folder.parent / "outside", 1)
    (folder / "link").symlink_to(folder.parent / "outside")
    write_run(folder / ".hidden", 1)
    write_run(folder / "a/b/c/d/deep", 1)
    (folder / "again").symlink_to("0001")
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def served(runs: Path) -> Iterator[Served]:
    with Served(runs) as server:
        yield server


@pytest.fixture(scope="module")
def locked(runs: Path) -> Iterator[Served]:
    with Served(runs, token=TOKEN) as server:
        yield server


def ask(
    served: Served, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str]:
    """A request exactly as given: nothing is normalized on the way."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    headers = {"Host": f"127.0.0.1:{served.port}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    if body is not None:
        headers["Content-Length"] = str(len(body))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def csrf(served: Served) -> str:
    found = re.search(r'name="csrf" content="([^"]{40,})"', httpx.get(served.address).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost:99"])
def test_our_own_names_are_answered(served: Served, host: str) -> None:
    assert ask(served, "GET", "/api/runs", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test:80", "", "[::1", "127.0.0.2",
     "evil.test:localhost", "user@localhost@evil.test", "0.0.0.0", "localhost:x"],
)  # fmt: skip
def test_other_names_are_not_answered(served: Served, host: str) -> None:
    """DNS rebinding: the address is ours, the name is the attacker's."""
    for path in ("/", "/api/runs", "/page/app.js", "/api/stream?topic=runs"):
        status, text = ask(served, "GET", path, Host=host)
        assert status in (400, 403) and "callsheet" not in text


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://localhost:1", "file://", "http://[", ""]
)
def test_other_origins_are_not_answered(served: Served, origin: str) -> None:
    assert ask(served, "GET", "/api/runs", Origin=origin)[0] == 403
    assert ask(served, "GET", "/api/runs", Origin=served.address)[0] == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_page_embeds_is_not_answered(served: Served, site: str) -> None:
    assert ask(served, "GET", "/api/runs", Sec_Fetch_Site=site)[0] == 403
    assert ask(served, "GET", "/", Sec_Fetch_Site=site)[0] == 200  # a link to the page
    for own in ("same-origin", "none"):
        assert ask(served, "GET", "/api/runs", Sec_Fetch_Site=own)[0] == 200


def test_an_action_needs_the_pages_token_and_json(served: Served) -> None:
    json, token = {"Content_Type": "application/json"}, {"X_Callsheet_CSRF": csrf(served)}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert ask(served, method, "/api/control", b"{}", **json)[0] == 403
        assert ask(served, method, "/api/control", b"{}", X_Callsheet_CSRF="x", **json)[0] == 403
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            status, _ = ask(served, method, "/api/control", b"{}", Content_Type=kind, **token)
            assert status == 415
    status, text = ask(served, "POST", "/api/control", b"{}", **json, **token)
    assert status == 422 and "run" in text


def test_no_answer_lets_another_origin_read_it(served: Served) -> None:
    for path in ("/", "/api/runs", "/page/app.js", "/nowhere"):
        headers = httpx.get(served.address + path).headers
        assert not [name for name in headers if name.startswith("access-control")]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
        assert "unsafe" not in policy and "http:" not in policy
        for rule in ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
                     "connect-src 'self'", "worker-src 'self'"):  # fmt: skip
            assert rule in policy
    assert ask(served, "OPTIONS", "/api/control", Origin="http://evil.test")[0] == 403


def test_each_page_has_a_nonce_of_its_own(served: Served) -> None:
    seen = set()
    for path in ("/", "/run?run=0001", "/episode", "/review"):
        answer = httpx.get(served.address + path)
        found = re.search(r'name="nonce" content="([^"]{20,})"', answer.text)
        assert found is not None
        assert f"'nonce-{found[1]}'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "{{" not in answer.text
        seen.add(found[1])
    assert len(seen) == 4


def test_a_large_request_is_refused(served: Served) -> None:
    headers = {"X-Callsheet-CSRF": csrf(served), "Content-Type": "application/json"}
    for body in (b"x" * (5 << 20), (b"x" * (1 << 20) for _ in range(6))):
        answer = httpx.post(served.address + "/api/control", content=body, headers=headers)
        assert answer.status_code == 413, answer.text


@pytest.mark.parametrize(
    "path",
    ["/page/../web/app.py", "/page/%2e%2e/web/app.py", "/page/..%2fweb/app.py",
     "/page/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd", "/page//etc/passwd", "/page/%2fetc%2fpasswd",
     "/page/%00", "/page/a%00.js", "/page/" + "x" * 5000, "/page/..%5c..%5cweb", "/../web/app.py",
     "/page/.", "/page/"],
)  # fmt: skip
def test_no_path_leads_out_of_the_pages_files(served: Served, path: str) -> None:
    status, text = ask(served, "GET", path)
    assert status in (400, 404) and "import" not in text and "root:" not in text


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../outside", "..%2Foutside", "%2e%2e/outside", "link", "0001/../../outside",
     "again", ".hidden", "a/b/c/d/deep", "/", "%2Fetc", "0001/", "//0001", "a%00b", "0001%00",
     "x" * 5000, "nowhere", "0001/log",
     "%E0%80%AE", "..%5Coutside", "%ff%fe", "CON", "0001%0a"],
)  # fmt: skip
def test_no_name_leads_out_of_the_runs_folder(served: Served, name: str) -> None:
    for path in ("run", "episodes", "events", "prompt", "export"):
        url = f"/api/{path}?episode=000000-book-a-table&key=user.0&as=json&run={name}"
        status, text = ask(served, "GET", url)
        assert status == 404 and '"error"' in text and "000000" not in text
    encoded = name.replace("%", "%25")
    status, _ = ask(served, "GET", f"/api/run?run={encoded}")
    assert status == 404


def test_an_absolute_path_names_no_run(served: Served, runs: Path) -> None:
    for path in (runs / "0001", runs.parent / "outside"):
        assert ask(served, "GET", f"/api/run?run={path}")[0] == 404
    assert ask(served, "GET", "/api/run?run=0001")[0] == 200


def test_a_link_does_not_show_another_folder(served: Served) -> None:
    assert [row["run"] for row in served.get("/api/runs")["rows"]] == ["0001"]


def test_refusals_are_one_line_of_json(served: Served) -> None:
    for path in ("/api/run", "/api/run?run=nowhere", "/api/nowhere", "/api/stream?topic=bad",
                 "/api/stream", "/nowhere", "/api/events?run=0001&episode=x"):  # fmt: skip
        answer = httpx.get(served.address + path)
        assert 400 <= answer.status_code < 500
        assert list(answer.json()) == ["error"] and "\n" not in answer.json()["error"]


def test_without_the_token_nothing_is_answered(locked: Served) -> None:
    for path in ("/", "/api/runs", "/page/app.js", "/api/stream?topic=runs"):
        assert ask(locked, "GET", path)[0] == 401
        assert ask(locked, "GET", path, Authorization="Bearer wrong")[0] == 401
        assert ask(locked, "GET", path, Cookie=f"callsheet-watch-{locked.port}=wrong")[0] == 401
    assert ask(locked, "GET", "/?token=wrong")[0] == 401
    assert ask(locked, "POST", f"/?token={TOKEN}", b"{}")[0] == 401
    assert ask(locked, "GET", "/api/runs", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_the_token_becomes_a_cookie_and_leaves_the_address(locked: Served) -> None:
    with httpx.Client(base_url=locked.address) as client:
        answer = client.get("/run", params={"token": TOKEN, "run": "0001"})
        assert answer.status_code == 303 and answer.headers["location"] == "/run?run=0001"
        cookie = answer.headers["set-cookie"]
        # Lax: the cookie comes along when a link leads here from elsewhere, so that it opens.
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and TOKEN not in cookie
        assert client.get("/api/runs").status_code == 200
        # An action needs the page's own token besides.
        assert client.post("/api/control", json={}).status_code == 403


def test_the_redirect_stays_here(locked: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", locked.port, timeout=10)
    connection.request("GET", f"//evil.test/x?token={TOKEN}")
    assert connection.getresponse().headers["location"] == "/evil.test/x"
    connection.close()


def test_assets_are_cached_until_they_change(served: Served) -> None:
    first = httpx.get(served.address + "/page/app.js")
    assert first.headers["cache-control"] == "no-cache" and first.headers["etag"]
    tag = {"If-None-Match": first.headers["etag"]}
    again = httpx.get(served.address + "/page/app.js", headers=tag)
    assert again.status_code == 304 and not again.content
    head = httpx.head(served.address + "/page/app.js")
    assert head.status_code == 200 and not head.content
    assert head.headers["content-length"] == str(len(first.content))
    assert httpx.head(served.address + "/").status_code == 200
