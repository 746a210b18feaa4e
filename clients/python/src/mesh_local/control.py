"""The control plane, over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from mesh_local.errors import MeshError, Refused, Unsettled

# Whatever proxy the environment names, it does not lead to this machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_PATIENCE = 75.0
"""Seconds for an answer: `settle` and `advance` take a minute unless they are told otherwise."""


class Control:
    """The control plane of a process."""

    def __init__(self, endpoint: str, token: str | None) -> None:
        self.endpoint, self.token = endpoint.rstrip("/"), token

    def ask(self, method: str, path: str, body: Any = None, patience: float = _PATIENCE) -> Any:
        """Asks, and returns the answer; an empty one is None."""
        text = self.exchange(method, path, None if body is None else json.dumps(body).encode(), patience)
        return json.loads(text) if text else None

    def exchange(self, method: str, path: str, data: bytes | None, patience: float = _PATIENCE) -> bytes:
        """Sends bytes and returns what is answered."""
        headers = {"x-mesh": "1", "content-type": "application/json"}
        if self.token is not None:
            headers["x-mesh-token"] = self.token
        request = urllib.request.Request(self.endpoint + path, data, headers, method=method)
        try:
            with _DIRECT.open(request, timeout=patience) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise _refused(error) from None
        except OSError as error:
            raise MeshError(f"{self.endpoint} does not answer: {error}. Does mesh-local still run there?") from error


def _refused(error: urllib.error.HTTPError) -> Refused:
    text = error.read()
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    details = told if isinstance(told, dict) else {}
    sentence = details.get("error") or text.decode(errors="replace") or f"{error.code} {error.reason}"
    return (Unsettled if error.code == 504 else Refused)(error.code, str(sentence), details)
