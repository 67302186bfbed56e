"""python-gitlab's requests, straight through urllib3: a session of requests costs nearly as much again as what it sends.

Imported with the SDK, at the first call.
"""

import json as jsons
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from certifi import where
from gitlab._backends.requests_backend import PrivateTokenAuth, RequestsBackend, RequestsResponse
from requests.structures import CaseInsensitiveDict

_POOLED = 10  # connections, as many as requests keeps
_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
_MOVED = frozenset({301, 302, 303, 307, 308})


class _Session(requests.Session):
    """What closes it closes the connections beside it. It looks for no proxy and no authorities in the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.straight = urllib3.PoolManager(maxsize=_POOLED, ca_certs=where())
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}

    def pool(self, origin: str) -> urllib3.HTTPConnectionPool:
        """The connections to one server (scheme, host and port): a manager would take each address apart anew."""
        if origin not in self._pools:
            self._pools[origin] = self.straight.connection_from_url(origin)
        return self._pools[origin]

    def close(self) -> None:
        super().close()
        self._pools.clear()
        self.straight.clear()


class StraightBackend(RequestsBackend):
    """Answers with what requests would: its response, its errors. What was moved is asked for by requests itself, which knows how."""

    def __init__(self) -> None:
        self._session = _Session()
        super().__init__(self._session)

    def http_request(  # noqa: PLR0917 - as the SDK has it
        self,
        method: str,
        url: str,
        json: Any = None,
        data: Any = None,
        params: Any = None,
        timeout: float | None = None,
        verify: bool | str | None = True,
        stream: bool | None = False,
        **options: Any,
    ) -> RequestsResponse:
        """One request with its answer. Raises requests.Timeout or requests.ConnectionError.

        What is more than JSON with a private token, such as an upload or a certificate of one's own, is left to requests.
        """
        if data is not None or verify is not True or not _is_plain(options):
            return super().http_request(method, url, json, data, params, timeout, verify, stream, **options)
        asked = f"{url}?{urlencode(params, doseq=True)}" if params else url
        headers = {**_ALWAYS, **options["headers"], "PRIVATE-TOKEN": options["auth"].token}
        body = None if json is None else jsons.dumps(json).encode()
        response = self._sent(method.upper(), asked, body=body, headers=headers, timeout=timeout)
        if response.status_code in _MOVED:
            response.close()
            return super().http_request(method, url, json, data, params, timeout, verify, stream, **options)
        if not stream:
            response.content  # noqa: B018 - once it is read, its connection is free for the next
        return RequestsResponse(response)

    def _sent(self, method: str, url: str, **what: Any) -> requests.Response:
        path_at = url.index("/", url.index("//") + 2)
        try:
            pool = self._session.pool(url[:path_at])
            raw = pool.urlopen(method, url[path_at:], retries=False, redirect=False, preload_content=False, **what)
        except urllib3.exceptions.HTTPError as broken:
            late = isinstance(broken, urllib3.exceptions.TimeoutError) and not isinstance(broken, urllib3.exceptions.NewConnectionError)
            raise (requests.Timeout if late else requests.ConnectionError)(str(broken)) from broken
        response = requests.Response()
        response.status_code, response.reason, response.url, response.raw = raw.status, raw.reason or "", url, raw
        response.headers = CaseInsensitiveDict(raw.headers)
        return response


def _is_plain(options: Mapping[str, Any]) -> bool:
    """Whether there is nothing in them but headers and a private token."""
    return options.keys() == {"headers", "auth"} and isinstance(options["auth"], PrivateTokenAuth)
