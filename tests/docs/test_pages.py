"""What the pages show works: links, names of tests, blocks of code, commands, the README's answer."""

import importlib.util
import re
import shlex

import pytest

import sim
from sim.cli import main, options
from tests.docs.pages import HOME, PAGES, blocks, program, prose, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
VOCABULARY = (
    "market", "firm", "rival", "segment", "customer", "prospect", "quality", "experience", "gap", "satisfaction", "expectation",
    "norm", "promise", "delight", "disappointment", "drift", "ratchet", "hangover", "surprise", "upgrade", "move", "strategy",
    "lever", "uncertainty", "outcome", "luck", "purpose", "twin", "visit", "occasion", "day", "moment", "run", "replication",
    "comparison", "sweep", "search")


def anchors(page):
    """The anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(prose(page)):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(HOME), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_there_are_links_and_blocks_to_check():
    assert sum(len(LINK.findall(prose(page))) for page in PAGES) > 20
    assert blocks("README.md", "yaml")
    assert blocks("README.md", "python")
    assert blocks("README.md", "bash")


def test_every_exact_result_names_its_test_and_every_test_has_its_row():
    """All of test_exact.py, and of its neighbours what the page names."""
    def told(path):
        return set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE))

    page = set(re.findall(r"`(test_\w+)`", text("docs/model.md")))
    of_file = {path.name: told(path) for path in (HOME / "tests" / "exact").glob("test_*.py")}
    assert of_file["test_exact.py"] <= page <= set().union(*of_file.values())


@pytest.mark.parametrize("word", VOCABULARY)
def test_the_glossary_has_every_word(word):
    glossary = text("docs/glossary.md")
    marked = " ".join(re.findall(r"\*\*(.+?)\*\*", glossary)).lower()
    assert re.search(rf"\b{word}\b", marked), word


@pytest.mark.parametrize(("page", "number"), [(page, n) for page in PAGES for n in range(len(blocks(page, "yaml")))])
def test_every_scenario_shown_is_valid_and_runs(tmp_path, page, number):
    path = tmp_path / "shown.yaml"
    path.write_text(blocks(page, "yaml")[number], encoding="utf-8")
    story = sim.load(path)
    answer = story.compare(people=50, replications=2)
    assert list(answer.runs) == list(story.strategies)


@pytest.mark.parametrize(("page", "number"), [(page, n) for page in PAGES for n in range(len(blocks(page, "python")))])
def test_every_python_block_runs(monkeypatch, capsys, page, number):
    monkeypatch.chdir(HOME)
    exec(compile(blocks(page, "python")[number], str(page), "exec"), {})
    assert capsys.readouterr().out.strip()


def shown_commands():
    """Every `drift …` and `python -m …` that a page shows, in a block or within a sentence."""
    for page in PAGES:
        shell = [line for block in blocks(page, "bash") for line in block.splitlines()]
        indented = re.findall(r"^    (\S.*)$", prose(page), flags=re.MULTILINE)
        for line in [*shell, *indented, *re.findall(r"`([^`\n]+)`", prose(page))]:
            for command in re.split(r"\s+&&\s+", line.split("#")[0].strip()):
                if re.match(r"(drift|python3? )", command) and "=" not in command.split()[0]:
                    yield page.name, command


@pytest.mark.parametrize(("page", "command"), sorted(set(shown_commands())))
def test_every_command_shown_exists(page, command):
    words = shlex.split(command)
    if words[0] == "drift":
        parser, commands = options.build()
        name = next((word for word in words[1:] if not word.startswith("-")), None)
        assert name is None or name in commands, command
        known = (commands[name] if name else parser).format_help()
        for word in words[1:]:
            assert not word.startswith("--") or word in re.findall(r"--[a-z]+(?:-[a-z]+)*", known), command
    elif words[1] == "-m":
        assert importlib.util.find_spec(words[2]), command
    else:
        assert (HOME / words[1]).is_file(), command


def test_commands_were_found():
    found = [command for _, command in shown_commands()]
    assert "drift compare scenarios/hotel.yaml" in found
    assert "python -m pytest -n auto" in found
    assert len(found) > 10


def test_the_two_commands_are_those_of_the_checks():
    lines = [line for block in blocks("README.md", "bash") for line in block.splitlines()]
    assert lines == ["python3 -m venv .venv && . .venv/bin/activate",
                     "python -m pip install -e . && drift compare scenarios/hotel.yaml",
                     'python -m pip install -e ".[test]" && python -m pytest -n auto']


def test_a_story_can_be_copied_checked_and_changed_as_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for command in ("drift init hotel my-hotel.yaml", "drift validate my-hotel.yaml",
                    "drift compare my-hotel.yaml --set psyche.loss_aversion=1"):
        assert command in text("README.md")
        small = ["--people", "40", "--replications", "2"] if "compare" in command else []
        assert main([*shlex.split(command)[1:], *small]) == 0
    assert "Verdict:" in capsys.readouterr().out
    assert list(tmp_path.glob("runs/my-hotel-*/report.html"))


def test_the_readmes_answer_is_what_the_command_prints(tmp_path):
    answer = program("answer")
    found = answer.printed(tmp_path)
    assert "Verdict:" in found
    assert answer.answered(text("README.md"), found) == text("README.md"), "run `python docs/answer.py`"


def test_the_readmes_picture_is_there_and_small():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text("README.md"))
    assert pictures
    for picture in pictures:
        assert (HOME / picture).read_bytes().startswith(b"\x89PNG")
        assert (HOME / picture).stat().st_size < 200_000


def test_the_changelog_has_this_version():
    assert f"## [{sim.__version__}]" in text("CHANGELOG.md")
    assert f'version = "{sim.__version__}"' in text("pyproject.toml")
