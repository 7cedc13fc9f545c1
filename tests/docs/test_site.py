"""The site: links lead within it, what it would fetch is noticed, every page has its place in the bar."""

import pytest

from tests.docs.pages import HOME, PAGES, program

site = program("site")


@pytest.fixture
def small(tmp_path):
    """A site of two pages."""
    def write(**pages):
        for name, body in {"index": "", "other": '<h1 id="here">Other</h1>', **pages}.items():
            (tmp_path / f"{name}.html").write_text(body, encoding="utf-8")
        return list(site.faults(tmp_path))

    return write


@pytest.mark.parametrize("link", ["other.html", "other.html#here", "#top", "https://example.org/far", "mailto:a@example.org"])
def test_a_link_that_leads_somewhere_is_no_fault(small, link):
    assert small(index=f'<a href="{link}">go</a>') == []


@pytest.mark.parametrize("link", ["gone.html", "other.html#gone", "#gone", "../index.html"])
def test_a_link_that_leads_nowhere_is_a_fault(small, link):
    assert small(index=f'<a href="{link}">go</a>') == [f"index.html: {link} leads nowhere"]


@pytest.mark.parametrize("load", [
    '<script src="https://example.org/x"></script>', '<link rel="stylesheet" href="//example.org/x">',
    '<img src="http://example.org/x">', "<style>@import 'https://example.org/x';</style>",
    '<p style="background: url(https://example.org/x)">', '<svg><image href="https://example.org/x"/></svg>'])
def test_what_a_page_would_fetch_is_a_fault(small, load):
    found = small(index=load)
    assert len(found) == 1
    assert found[0].startswith("index.html: loads ")


def test_what_a_style_sheet_would_fetch_is_a_fault(small, tmp_path):
    (tmp_path / "sheet.css").write_text("a { background: url('//example.org/x') }", encoding="utf-8")
    assert small() == ["sheet.css: loads //example.org/x"]


def test_links_of_a_page_lead_to_pages_of_the_site():
    page, spoken_of = HOME / "docs" / "model.md", set()
    told = site.rewritten(page, "[a](glossary.md#words) [b](../sim/rules/visit.py) [c](../sim/rules) [d](../README.md) "
                                "[e](../reports/index.html) [f](#units) [g](https://example.org) ![h](x.png)\n"
                                "```\n[i](../sim/luck.py)\n```\n", spoken_of)
    assert told == ("[a](glossary.md#words) [b](../sim/rules/visit.py.md) [c](../sim/rules/index.md) [d](../index.md) "
                    '<a href="../reports/index.html">e</a> [f](#units) [g](https://example.org) ![h](x.png)\n'
                    "```\n[i](../sim/luck.py)\n```\n")
    assert {HOME / "sim/rules/visit.py", HOME / "sim/rules", HOME / "sim/rules/judge.py"} <= spoken_of
    assert HOME / "sim/luck.py" not in spoken_of


def test_a_link_to_a_file_that_is_not_there_ends_it():
    with pytest.raises(FileNotFoundError, match=r"docs/model\.md: \.\./sim/gone\.py leads nowhere"):
        site.rewritten(HOME / "docs" / "model.md", "[gone](../sim/gone.py)", set())


def test_every_page_has_one_place_in_the_bar():
    told = [name for names in site.BAR.values() for name in names]
    pages = {page.relative_to(HOME).with_suffix("").as_posix() for pattern in site.PAGES for page in HOME.glob(pattern)}
    assert len(told) == len(set(told))
    assert pages - {"README"} == {name for name in told if not name.startswith(("reference/", "gallery"))}
    assert {page.relative_to(HOME).with_suffix("").as_posix() for page in PAGES} <= pages


def test_pages_are_laid_out_where_they_stand(tmp_path):
    site.stage(tmp_path)
    for name in ("index.md", "docs/model.md", "reference/api.md", "reference/commands.md", "sim/rules/visit.py.md", "conf.py"):
        assert (tmp_path / name).is_file(), name
    commands = (tmp_path / "reference/commands.md").read_text(encoding="utf-8")
    assert commands.count("## drift ") == commands.count("usage: drift ") - 1 > 10
    assert (tmp_path / "gallery.md").read_text(encoding="utf-8").count("/report.html") == len(
        list((HOME / "reports").glob("*/report.html"))) > 10


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SystemExit):
        site.main(["--out", str(tmp_path)])
    assert "holds something that is no site" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").is_file()
