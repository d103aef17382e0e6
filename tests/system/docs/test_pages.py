"""What the pages point to is there."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from bluesky_autofocus.cli import app
from devices.sim import command

ROOT = Path(__file__).parents[3]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

pytestmark = pytest.mark.system


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_point_to_something(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}
    # The site's own pages show what others say.
    site = {index, index.with_name("index.md"), *index.with_name("site").glob("*.md")}
    pages = {page for page in PAGES if "decisions" not in page.parts} - site
    assert pages <= listed


def options(name: str, *rest: str) -> set[str]:
    """Return the options of one of our commands, or of one in a group of them."""
    if name == "ioc":
        return set(re.findall(r"--[a-z-]+", command._parser().format_help()))
    known = get_command(app).commands[name]  # pyright: ignore[reportAttributeAccessIssue]
    for inner in rest:
        known = getattr(known, "commands", {}).get(inner, known)
    return {option for parameter in known.params for option in parameter.opts} | {"--help"}


def test_commands_in_the_pages_exist():
    found = 0
    for page in PAGES:
        for said in re.findall(r"bluesky-autofocus((?: [\w./=-]+)+)", page.read_text()):
            name, *rest = shlex.split(said)
            if name.startswith("--"):
                assert name in {"--help", "--version"}
                continue
            given = {word.partition("=")[0] for word in rest if word.startswith("--")}
            assert given <= options(name, *rest), f"{page.name}: {said}"
            found += 1
    assert found >= 5


def test_options_named_in_the_readme_exist():
    named = set(re.findall(r"`(--[\w-]+)", (ROOT / "README.md").read_text()))
    assert {"--fault", "--json"} <= named <= options("demo")


def test_installation_commands_name_files_and_extras_that_exist():
    commands = re.findall(r"^pip install .*$", (ROOT / "README.md").read_text(), re.M)
    assert len(commands) == 2
    assert all((ROOT / "constraints.txt").is_file() and "-c constraints.txt" in c for c in commands)
    assert "dev = [" in (ROOT / "pyproject.toml").read_text()
    assert commands[0].endswith("&& bluesky-autofocus demo")
    assert commands[1].endswith("&& pytest")
