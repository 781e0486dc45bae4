"""The magics, ``%config``, loading and unloading."""
