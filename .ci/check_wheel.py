"""Whether an installed wheel is whole: run by the Python it is installed for, outside the checkout."""

from __future__ import annotations

import pathlib
import sys

from IPython.core.interactiveshell import InteractiveShell

import puffle_jupyter

place = pathlib.Path(puffle_jupyter.__file__).parent
if not place.is_relative_to(sys.prefix):
    sys.exit(f"{place} is not the installed wheel")
if not (place / "py.typed").is_file():
    sys.exit("py.typed is missing: type checkers would ignore the package")
for name in puffle_jupyter.__all__:
    getattr(puffle_jupyter, name)
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "puffle_jupyter")
if "puffle_wait" not in shell.magics_manager.magics["line"]:
    sys.exit("%puffle_wait is missing after %load_ext")
print("the wheel imports and its extension loads")
