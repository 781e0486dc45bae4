"""comrak as it is used here: GFM with raw HTML escaped."""

from __future__ import annotations

import functools
from collections.abc import Callable


@functools.cache
def renderer(*, positions: bool = False) -> Callable[[str], str]:
    """What makes HTML of Markdown; not safe yet.

    Args:
        positions: every block says where it was written: ``data-sourcepos="line:byte-line:byte"``, from 1.
    """
    import comrak

    extensions = comrak.ExtensionOptions()
    extensions.table = extensions.strikethrough = extensions.autolink = extensions.tasklist = True
    if hasattr(extensions, "cjk_friendly_emphasis"):  # else 注意：** is not bold before a letter
        extensions.cjk_friendly_emphasis = True
    options = comrak.RenderOptions()
    options.escape = True
    options.compact_html = True  # to nh3 a newline between blocks or cells is as much work as a cell
    options.sourcepos = positions
    return functools.partial(comrak.render_markdown, extension_options=extensions, render_options=options)
