"""Following runs while the user works on.

Not named ``watch``: the public function `puffle_jupyter.watch` would be shadowed by the subpackage.
"""
