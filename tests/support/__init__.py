"""Pieces that drive the real things: a kernel, JupyterLab in Chromium, a terminal."""
