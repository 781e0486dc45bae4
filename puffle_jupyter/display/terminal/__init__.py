"""Lines and the toolbar of a terminal."""
