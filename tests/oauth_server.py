"""An OAuth2 provider for tests, on loopback: a page that asks for consent, tokens that end, are renewed and taken back."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CONSENT = """<!doctype html><html lang="en"><title>Harbour Sign-in</title><main><h1>Harbour Sign-in</h1>
<p>Touchline wants to read and send mail as {account}.</p>
<form method="post"><input type="hidden" name="to" value="{to}"><button name="allow" value="yes">Allow</button>
<button name="allow" value="">Do not allow</button></form></main></html>"""


@dataclass
class OAuthServer:
    """Whoever visits is signed in as `account`. Every refresh gives another refresh token and ends the one before."""

    account: str = "kay@touchline.example"
    client_id: str = "touchline-at-harbour"
    client_secret: str = "a-secret-of-the-client"
    lasts: int = 3600
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    """What was asked at the token endpoint, in order."""
    answer: Callable[[dict[str, str]], tuple[int, str] | None] | None = None
    """What the token endpoint says in place of the truth: a status and a body, or None for the truth."""

    def start(self) -> "OAuthServer":
        server = self

        class Handler(_Handler):
            oauth = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True, name="oauth").start()
        return self

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def good(self, token: str) -> bool:
        return self.access.get(token, 0) > time.time()

    def end_access(self) -> None:
        """Every access token is taken back, before its time."""
        self.access.clear()

    def revoke(self) -> None:
        """The account's owner takes back what they allowed."""
        self.access.clear()
        self.refresh.clear()

    def code_for(self, told: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = told | {"until": str(time.time() + 60)}
        return code

    def tokens(self, told: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if told.get("client_id") != self.client_id or told.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client", "error_description": "Who are you?"}
        elif told.get("grant_type") == "authorization_code":
            known = self.codes.pop(told.get("code", ""), None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(told.get("code_verifier", "").encode()).digest()).rstrip(b"=")
            if (
                not known
                or float(known["until"]) < time.time()
                or known["redirect_uri"] != told.get("redirect_uri")
                or known["code_challenge"] != challenge.decode()
            ):
                return 400, {"error": "invalid_grant", "error_description": "This code is no good."}
        elif told.get("grant_type") == "refresh_token":
            if told.get("refresh_token") not in self.refresh:
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            self.refresh.discard(told["refresh_token"])
        else:
            return 400, {"error": "unsupported_grant_type"}
        return 200, self.new_tokens()

    def new_tokens(self) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = time.time() + self.lasts
        self.refresh.add(refresh)
        who = base64.urlsafe_b64encode(json.dumps({"email": self.account}).encode()).rstrip(b"=").decode()
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.lasts,
            "token_type": "Bearer",
            "id_token": f"e30.{who}.c2lnbmVk",
        }


class _Handler(BaseHTTPRequestHandler):
    oauth: OAuthServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            base = self.oauth.issuer
            self._say(200, json.dumps({"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token"}))
        elif parts.path == "/authorize" and told.get("client_id") == self.oauth.client_id:
            page = CONSENT.format(account=escape(self.oauth.account), to=escape(parts.query))
            self._say(200, page, kind="text/html; charset=utf-8")
        else:
            self._say(404, "{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        told = {name: values[0] for name, values in parse_qs(body).items()}
        path = urlsplit(self.path).path
        if path == "/authorize":
            self._consent(told)
        elif path == "/introspect":
            good = self.oauth.good(told.get("token", ""))
            self._say(200, json.dumps({"active": good, "email": self.oauth.account} if good else {"active": False}))
        elif path == "/token":
            self.oauth.asked.append(told)
            played = self.oauth.answer(told) if self.oauth.answer else None
            if played:
                self._say(*played)
            else:
                status, said = self.oauth.tokens(told)
                self._say(status, json.dumps(said))
        else:
            self._say(404, "{}")

    def _consent(self, told: dict[str, str]) -> None:
        asked = {name: values[0] for name, values in parse_qs(told["to"]).items()}
        if told.get("allow"):
            back = {"code": self.oauth.code_for(asked), "state": asked["state"]}
        else:
            back = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def _say(self, status: int, body: str, *, kind: str = "application/json") -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if 300 <= status < 400:
                self.send_header("Location", f"{self.oauth.issuer}/.well-known/openid-configuration")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    def log_message(self, *_told: Any) -> None:
        """Nothing: tests say what was wrong."""


def dovecot_lines(server: OAuthServer, file: Any) -> str:
    """What a dovecot needs to be told, so that it takes this server's tokens and asks it about each. `file` is written."""
    file.write_text(
        f"introspection_mode = post\nintrospection_url = {server.issuer}/introspect\n"
        "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
    )
    return (
        "auth_mechanisms = plain login xoauth2 oauthbearer\n"
        f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {file}\n}}\n"
    )
