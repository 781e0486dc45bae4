"""What the extension costs: ``python -m tests.tools.benchmarks``.

Every figure is a ratio of two things measured side by side in one run, so that it can be judged on any
machine; no figure is a time. The programs measured are real ones: whole processes, and real kernels that
poll an embedded Puffle in another process.
"""
