"""Imported once by the fork server: all that a bot imports."""

import gitlab  # noqa: F401
import kubernetes.aio  # noqa: F401 - imported at the first call otherwise, in every process anew
from datadog_api_client import AsyncApiClient  # noqa: F401

from bot import wiring  # noqa: F401
