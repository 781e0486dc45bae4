"""Front ends that are installed in environments of their own (``nox -s stacks``): elsewhere not collected."""

from __future__ import annotations

from importlib.util import find_spec

NEEDS = {"test_collaboration.py": "jupyter_collaboration", "test_euporie.py": "euporie"}

collect_ignore = [test for test, package in NEEDS.items() if find_spec(package) is None]
