"""Every way a network can fail, over real sockets; ``python -m tests.tools.faults`` prints the figures."""
