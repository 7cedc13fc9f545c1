"""The guides are followed as a reader would: what they print is what they show, what they change is there to be changed."""

import pytest

from tests.docs.pages import HOME, program, text

guides = program("guides")
FEW = """\
`few.yaml`:

```yaml
title: few
horizon: 9 days
market: {people: 1, visits: {every: 2 days}}
firms: {ours: {quality: 5}}
strategies: {still: []}
```

"""


@pytest.mark.parametrize("guide", sorted((HOME / "docs" / "guides").glob("*.md")), ids=lambda guide: guide.stem)
def test_a_guide_shows_what_it_prints(tmp_path, guide):
    assert guides.followed(text(guide), tmp_path) == text(guide), "run `python docs/guides.py` and read the difference"


def test_there_are_guides_that_run_commands_and_change_code():
    pages = {guide.stem: text(guide) for guide in (HOME / "docs" / "guides").glob("*.md")}
    assert {"first-story", "from-survey", "phase-map", "everyday", "adding-a-move", "adding-a-rule"} <= set(pages)
    assert all("```console\n$ " in page for page in pages.values())
    assert all(pages[name].count("\nIn `sim/") >= 8 for name in ("adding-a-move", "adding-a-rule"))


def test_what_a_command_prints_takes_the_place_of_what_stood_there(tmp_path):
    page = FEW + "```console\n$ drift validate few.yaml\nsomething old\n```\n"
    found = guides.followed(page, tmp_path)
    assert found.startswith(FEW)
    assert "something old" not in found
    assert "$ drift validate few.yaml\nfew.yaml is a valid scenario: few.\n" in found


def test_only_the_lines_that_are_asked_for_are_shown(tmp_path):
    found = guides.followed(FEW + "<!-- lines: 2-2 -->\n```console\n$ drift validate few.yaml\n```\n", tmp_path)
    assert found.endswith("<!-- lines: 2-2 -->\n```console\n$ drift validate few.yaml\n…\n"
                          "Strategies: still; still is the baseline.\n…\n```\n")


def test_a_command_that_fails_ends_it_unless_it_should(tmp_path):
    console = "```console\n$ drift validate gone.yaml\n```\n"
    with pytest.raises(RuntimeError, match=r"drift validate gone\.yaml ended with status 2"):
        guides.followed(console, tmp_path)
    assert "gone.yaml" in guides.followed(f"<!-- refused -->\n{console}", tmp_path).split("\n", 3)[3]
    with pytest.raises(RuntimeError, match="ended with status 0"):
        guides.followed(FEW + "<!-- refused -->\n```console\n$ drift validate few.yaml\n```\n", tmp_path)
    with pytest.raises(RuntimeError, match="not rm"):
        guides.followed("```console\n$ rm -r .\n```\n", tmp_path)


def test_code_is_changed_in_a_copy_where_the_words_stand_once(tmp_path):
    before = text("sim/rules/judge.py")
    guides.edit(tmp_path, "sim/rules/judge.py", "before", "def felt(", "# here\n")
    guides.edit(tmp_path, "sim/rules/judge.py", "after", "def delight(", "# there\n")
    guides.edit(tmp_path, "sim/rules/judge.py", "in place of", "else 0.0", "else 0.5\n")
    changed = (tmp_path / "sim/rules/judge.py").read_text(encoding="utf-8")
    assert "# here\ndef felt(" in changed
    assert "-> float:\n# there\n" in changed
    assert "else 0.5\n" in changed
    assert text("sim/rules/judge.py") == before


@pytest.mark.parametrize(("words", "said"), [
    ("def nothing(", "sim/rules/judge.py has 'def nothing(' 0 times, not once"),
    ("def ", "sim/rules/judge.py has 'def ' 2 times, not once")])
def test_words_that_do_not_stand_once_are_refused(tmp_path, words, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        guides.edit(tmp_path, "sim/rules/judge.py", "before", words, "x = 1\n")
