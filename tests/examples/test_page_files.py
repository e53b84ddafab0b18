"""The page's files keep the page's promises: text stays text, nothing is inline, a file is one noun."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "examples/bang/page"
FILES = sorted(PAGE.iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
PAGES = [path for path in FILES if path.suffix == ".html"]

HTML_FROM_TEXT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTMLUnsafe|\beval\b"
    r"|new Function|srcdoc"
)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_html_from_text(path: Path) -> None:
    assert HTML_FROM_TEXT.findall(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_has_inline_scripts_or_styles(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r'(?:src|href)="https?:', text) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 400


def test_every_id_that_a_script_looks_for_is_on_the_page() -> None:
    there = set(re.findall(r'\sid="([\w-]+)"', (PAGE / "index.html").read_text()))
    wanted = {name for path in SCRIPTS for name in re.findall(r'\$\("([\w-]+)"\)', path.read_text())}
    assert wanted
    assert wanted <= there


def test_every_icon_that_is_used_is_drawn() -> None:
    page = (PAGE / "index.html").read_text()
    there = set(re.findall(r'<symbol id="i-(\w+)"', page))
    used = set(re.findall(r'href="#i-(\w+)"', page))
    used |= {name for path in SCRIPTS for name in re.findall(r'\bicon\("(\w+)"', path.read_text())}
    assert used <= there
