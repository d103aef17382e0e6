"""How Sphinx builds these pages: ``python -m sphinx -W --keep-going -b html docs build/html``."""

from importlib.metadata import version as version_of
from os.path import relpath
from pathlib import Path
from re import Match
from re import compile as pattern
from typing import Any

project = "bluesky-autofocus"
author = "The bluesky-autofocus developers"
version = release = version_of(project)
html_title = f"{project} {version}"
html_theme = "furo"
html_copy_source = False
html_show_copyright = False
# Blocks without a language are shell, or what a program prints.
highlight_language = "none"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
]
root_doc = "index"
templates_path = ["_templates"]
exclude_patterns = ["README.md", "_templates"]
myst_heading_anchors = 4
autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

DOCS = Path(__file__).parent
REPOSITORY = DOCS.parent
# Pages that begin with a file of the repository, and a page for a folder.
SHOWN = {
    "index": DOCS / "README.md",
    "site/start": REPOSITORY / "README.md",
    "site/model-card": REPOSITORY / "bluesky_autofocus/estimator/weights/README.md",
}
PAGES = {file: DOCS / f"{page}.md" for page, file in SHOWN.items()}
PAGES[DOCS / "explanations/decisions"] = DOCS / "explanations/decisions/index.md"
LINK = pattern(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>[^)#:]+)(?P<anchor>#[^)]*)?\)")


def shown(app: Any, name: str, source: list[str]) -> None:
    """Begin some pages with a file of the repository, and let its links lead to pages here."""
    page = DOCS / f"{name}.md"
    if not page.exists():
        return
    file = SHOWN.get(name)
    if file is not None:
        source[0] = f"{_led(file.read_text(), file.parent, page)}\n\n{source[0]}"
    else:
        source[0] = _led(source[0], page.parent, page)


def _led(text: str, folder: Path, page: Path) -> str:
    """Write the links of a text in a folder as those of a page; what has no page is plain text."""

    def led(link: Match[str]) -> str:
        path = (folder / link["path"]).resolve()
        target = PAGES.get(path, path)
        if not (target.is_relative_to(DOCS) and target.is_file()):
            return link["text"]
        place = f"{relpath(target, page.parent)}{link['anchor'] or ''}"
        return f"{link['image']}[{link['text']}]({place})"

    return LINK.sub(led, text)


def setup(app: Any) -> None:
    """Add to Sphinx what these pages need.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The build.
    """
    app.connect("source-read", shown)
