"""Sphinx configuration."""

import srcgrad

project = "srcgrad"
author = "The srcgrad developers"
project_copyright = "2026, The srcgrad developers"
version = release = srcgrad.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]
exclude_patterns = ["_build", "generated"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autosummary_generate = False
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "srcgrad"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
