"""Many runs in one table: rows, counts, order, html and text. It knows no watch, no HTTP and no Jupyter."""
