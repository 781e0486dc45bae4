"""Every way a network can fail, over real sockets; ``python -m tests.faults`` prints the figures."""
