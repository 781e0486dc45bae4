"""The packages of the extra ``distributed``, imported when they are first needed."""

from __future__ import annotations

from typing import Any

from ..errors import MissingExtra

_HOW = "pip install 'puffle_jupyter[distributed]'"


def import_pyarrow() -> Any:
    """The module, with its Parquet part.

    Raises:
        MissingExtra: it is not installed; the message says how to get it.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra(f"Parquet files need pyarrow: {_HOW}.") from None
    return pyarrow


def check_dask() -> None:
    """Make sure that dask's scheduler can be imported.

    Raises:
        MissingExtra: it is not installed; the message says how to get it.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise MissingExtra(f"A cluster needs dask's scheduler: {_HOW}.") from None
