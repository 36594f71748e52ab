"""Draws the pictures of the demo shop: designs.toml in, SVG in between, baked WebP out.

A tool of the maintainer, never imported by the shop: `python -m tools.art bake` writes
shop/seed/demo/pictures/ and shop/static/img/, which are committed, so that running, testing and
building the shop need no renderer. Needs resvg-py (development requirements) and Pillow.
"""
