"""How many connections a client has, and how long one is kept."""

CONNECTIONS = 100
"""At the same time. More requests wait in front of the pool: httpcore's is quadratic in those that wait."""

KEPT_BY_HTTPCORE = 20
"""It looks at every kept connection for every other one, at each request."""

KEPT_SECONDS = 60.0
"""Between two polls, by which the longest backoff is over; httpx's own default of 5 would open a new one, TLS
and all, for every poll of an interval beyond that."""
