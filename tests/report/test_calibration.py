"""The figure of a calibration: every panel has its words and units, nothing overlaps, the same bytes every time."""

import dataclasses

import pytest
from matplotlib.text import Text

from sim.calibrate import panel, survey
from sim.report.style import drawing, png, svg
from tests.calibrate.evidence import ratings
from tests.calibrate.test_survey import answers


@pytest.fixture(scope="module", params=["survey", "panel"])
def found(request):
    return survey(answers(800), scale=(0.0, 100.0)) if request.param == "survey" else panel(ratings(0.3))


def test_it_is_titled_by_what_was_found_and_says_what_was_not(found):
    figure = found.figure()
    words = [one.get_text() for one in figure.findobj(Text)]
    assert found.headline == str(figure.get_label())
    assert any("Not identified" in " ".join(one.split()) for one in words)
    for picture in found.pictures:
        assert picture.title in words
        assert picture.across in words
        assert picture.up in words


def test_no_two_words_on_the_sheet_overlap(found):
    with drawing():
        figure = found.figure()
        figure.canvas.draw()
        boxes = [(one.get_text(), one.get_window_extent()) for one in figure.texts if one.get_text().strip()]
    for place, (word, box) in enumerate(boxes):
        for other, beside in boxes[place + 1 :]:
            assert not box.shrunk(0.98, 0.7).overlaps(beside.shrunk(0.98, 0.7)), (word, other)


def test_its_bytes_repeat(found):
    assert svg(found.figure()) == svg(found.figure())
    assert png(found.figure()) == png(found.figure())


def test_dots_and_lines_are_those_of_the_pictures(found):
    axes = found.figure().axes
    assert len(axes) == len(found.pictures)
    for picture, one in zip(found.pictures, axes, strict=True):
        dots = [line for line in one.lines if line.get_marker() == "o"]
        assert [float(dot.get_xdata()[0]) for dot in dots] == [dot.x for dot in picture.dots]
        assert len([line for line in one.lines if len(line.get_xdata()) > 2]) >= len(picture.lines) - 1


def test_nothing_to_draw_is_said(found):
    figure = dataclasses.replace(found, pictures=()).figure()
    assert any("nothing to draw" in one.get_text() for one in figure.findobj(Text))
