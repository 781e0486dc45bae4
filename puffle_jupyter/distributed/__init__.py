"""Beyond one machine: many runs fetched into Parquet files, and `each` over a cluster of dask's.

`fetch_runs` needs no cluster; with one, its workers share one budget of requests. Each worker takes the key
of its own environment. Needs the extra ``puffle_jupyter[distributed]``, which is imported when it is used.

>>> from puffle_jupyter.distributed import fetch_runs  # doctest: +SKIP
>>> fetch_runs(ids, folder="harvest").to_frame()
"""

from __future__ import annotations

from .each import each
from .fetch import fetch_runs
from .harvest import Harvest
from .partitions import Part

__all__ = ["Harvest", "Part", "each", "fetch_runs"]
