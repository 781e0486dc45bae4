"""The options of a client, checked before anything is sent."""

from __future__ import annotations

import math
import ssl

from ..errors import InvalidSetting

DEFAULT_DEADLINE = 20.0
"""Seconds for one whole exchange: connect, headers and body together."""

DEFAULT_BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of a decoded body."""


def check_deadline(deadline: object) -> float:
    """Return ``deadline`` when it can be the seconds of one poll.

    Raises:
        InvalidSetting: not a number above 0.
    """
    if isinstance(deadline, int | float) and not isinstance(deadline, bool) and 0 < deadline < math.inf:
        return deadline
    raise InvalidSetting(
        f"deadline must be seconds above 0, not {ascii(deadline)[:60]}: "
        f"leave it out for {DEFAULT_DEADLINE:g}."
    )


def check_body_limit(body_limit: object) -> int:
    """Return ``body_limit`` when it can be the most bytes of an answer.

    Raises:
        InvalidSetting: not a whole number above 0.
    """
    if isinstance(body_limit, int) and not isinstance(body_limit, bool) and body_limit > 0:
        return body_limit
    raise InvalidSetting(
        f"body_limit must be a whole number of bytes above 0, not {ascii(body_limit)[:60]}: "
        f"leave it out for {DEFAULT_BODY_LIMIT:,}."
    )


def check_verify(verify: object) -> None:
    """Refuse whatever would not check certificates.

    Raises:
        InvalidSetting: neither None nor an `ssl.SSLContext` that checks certificates and host names.
    """
    if verify is None:
        return
    checks = isinstance(verify, ssl.SSLContext) and verify.verify_mode is ssl.CERT_REQUIRED
    if not checks or not verify.check_hostname:  # type: ignore[attr-defined]
        raise InvalidSetting(
            "verify must be an ssl.SSLContext that checks certificates, such as "
            "ssl.create_default_context(cafile=…): checking cannot be turned off."
        )
