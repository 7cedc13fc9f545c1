"""Messy tables: handled, or refused with the line and the reason; never a traceback, never a silent guess."""

import datetime
import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calibrate.reading import TableError, Typing, number, read

HEAD = "customer,date,value\n"


def written(folder, content, name="orders.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("read as UTF-16",)),
        ("gbk", ("read as GB18030 (GBK), since it is not UTF-8",)),
        ("gb18030", ("read as GB18030 (GBK), since it is not UTF-8",)),
    ],
)
def test_encodings_are_told_apart(tmp_path, encoding, note):
    table = read(written(tmp_path, "客户,满意度\n张三,8\n李四,9\n".encode(encoding)))
    assert dict(table.columns) == {"客户": ["张三", "李四"], "满意度": ["8", "9"]}
    assert table.notes == note
    assert list(table.lines) == [2, 3]


@pytest.mark.parametrize("between", [",", ";", "\t", "|", "   "])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_fields_may_be_separated_in_many_ways(tmp_path, between, ends):
    text = ends.join(
        between.join(row) for row in (("id", "date", "paid"), ("7", "1997-01-01", "11.77"), ("8", "1997-01-02", "3"))
    )
    table = read(written(tmp_path, text + ends))
    assert dict(table.columns) == {"id": ["7", "8"], "date": ["1997-01-01", "1997-01-02"], "paid": ["11.77", "3"]}


def test_quoted_fields_hold_commas_and_line_breaks_and_lines_are_counted(tmp_path):
    table = read(written(tmp_path, 'name,value\n"a, b",1\n"two\nlines",2\nc,x\n'))
    assert list(table.columns["name"]) == ["a, b", "two\nlines", "c"]
    assert list(table.lines) == [2, 3, 5]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        (" 8.50 ", 8.5),
        ("1,234.5", 1234.5),
        ("$11.77", 11.77),
        ("¥ 30", 30),
        ("８", 8),
        ("−3", -3),
        ("1e2", 100),
        (".5", 0.5),
        (7, 7),
        (True, 1),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["ten", "8 (very)", "1.2.3", "12,34", "inf", math.inf, "1-2", "0x10"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="is not a"):
        number(text)


def test_a_decimal_comma_is_read_where_semicolons_separate(tmp_path):
    table = read(written(tmp_path, "id;value\n1;8,5\n2;9\n"))
    assert Typing(table).numbers("value", "value").tolist() == [8.5, 9.0]


@pytest.mark.parametrize(
    "text",
    [
        "1997-01-31",
        "19970131",
        "1997/1/31",
        "1997.01.31",
        "31.01.1997",
        "31/1/1997",
        "1/31/1997",
        "1997年1月31日",
        "1997-01-31 13:45",
        "1997-01-31T13:45:10Z",
        "1997-01-31 00:00:00.000",
    ],
)
def test_dates_are_read_as_people_write_them(tmp_path, text):
    typing = Typing(read({"date": [text]}))
    assert typing.days("date", "date").tolist() == [(datetime.date(1997, 1, 31) - datetime.date(1970, 1, 1)).days]
    assert typing.whole()[0].all()


def test_dates_that_could_be_two_days_are_refused(tmp_path):
    with pytest.raises(
        TableError, match=r"orders.csv:3: in column 'date' it cannot be told whether the day or the month comes first"
    ):
        Typing(read(written(tmp_path, HEAD + "1,05/05/1997,3\n1,04/05/1997,3\n"))).days("date", "date")
    with pytest.raises(TableError, match=r"the day comes first in line 3 and the month in line 2"):
        Typing(read(written(tmp_path, HEAD + "1,1/31/1997,3\n1,31/1/1997,3\n"))).days("date", "date")


@pytest.mark.parametrize(
    ("date", "why"),
    [
        ("1997-02-30", "is no day of the calendar"),
        ("2999-01-01", "is in the future"),
        ("1900-01-01", "is before 1970"),
        ("soon", "is not a date such as 1997-01-31"),
        ("", "is empty"),
        ("35431", "is not a date"),
    ],
)
def test_a_wrong_date_is_left_out_with_its_line_and_the_reason(tmp_path, date, why):
    rows = "".join(f"{n},1997-01-01,3\n" for n in range(30))
    typing = Typing(read(written(tmp_path, HEAD + rows + f"30,{date},3\n")))
    typing.days("date", "date")
    kept, left_out = typing.whole()
    assert kept.sum() == 30
    assert not kept[30]
    (one,) = left_out
    assert one.count == 1
    assert f'orders.csv:32: date (date) "{date}" {why}' in one.examples[0]


def test_too_many_rows_that_cannot_be_read_refuse_the_table(tmp_path):
    rows = "".join(f"{n},1997-01-01,{'much' if n % 10 == 0 else 3}\n" for n in range(100))
    typing = Typing(read(written(tmp_path, HEAD + rows)))
    typing.numbers("value", "value")
    with pytest.raises(TableError, match=r"(?s)10 of 100 rows cannot be read, more than 5%.*orders.csv:2: value.*and 5 more"):
        typing.whole()


def test_rows_with_too_few_fields_are_left_out(tmp_path):
    rows = "".join(f"{n},1997-01-01,3\n" for n in range(40))
    typing = Typing(read(written(tmp_path, HEAD + rows + "40,1997-01-01\n")))
    kept, left_out = typing.whole()
    assert len(kept) == 40
    assert left_out[0].examples[0].endswith("orders.csv:42: 2 fields where the first line has 3")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"a,b\n", "no row below it"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b"1,2\n3,4\n", "the first line must name the columns"),
        (b"PK\x03\x04xx", "a workbook"),
        (b"a,b\n1,\x00\n", r"csv:2: there is a zero"),
        (b"PAR1 and nothing", "this Parquet file cannot be read"),
        (b"\xd0\xcf\x11\xe0", "an old workbook"),
        (b"a,b\n1,2\n\xff\xff,3\n", r"csv:3: these bytes are neither UTF-8 nor GBK"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path, content, why):
    with pytest.raises(TableError, match=why):
        read(written(tmp_path, content))


def test_frames_and_files_say_the_same(tmp_path):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"customer": ["a", "b", None], "date": ["1997-01-01", "1997-01-02", "1997-01-03"], "value": [1.5, None, 3.0]}
    frame, arrow = pd.DataFrame(columns), pa.table(columns)
    pq.write_table(arrow, tmp_path / "orders.parquet")

    class Streams:  # what polars gives: a frame that only speaks Arrow
        def __arrow_c_stream__(self, requested_schema=None):
            return arrow.__arrow_c_stream__(requested_schema)

    (tmp_path / "orders.csv").write_text(
        "customer,date,value\na,1997-01-01,1.5\nb,1997-01-02,\n,1997-01-03,3\n", encoding="utf-8"
    )
    for source in (columns, frame, arrow, Streams(), tmp_path / "orders.parquet", tmp_path / "orders.csv"):
        typing = Typing(read(source))
        np.testing.assert_array_equal(typing.numbers("value", "value"), [1.5, np.nan, 3.0])
        assert typing.names("customer", "customer") == ["a", "b", ""]
        assert np.diff(typing.days("date", "date")).tolist() == [1, 1]
        with pytest.raises(TableError, match=r"customer \(customer\) is empty"):
            typing.whole()


def test_timestamps_and_whole_floats_of_a_frame_are_understood():
    import pandas as pd

    frame = pd.DataFrame({"id": [1.0, 2.0], "when": pd.to_datetime(["1997-01-01", "1997-01-03"])})
    typing = Typing(read(frame))
    assert typing.names("id", "person") == ["1", "2"]
    assert np.diff(typing.days("when", "date")).tolist() == [2]


def test_what_is_no_frame_is_refused():
    with pytest.raises(TableError, match="a table is a path"):
        read(7)
    with pytest.raises(TableError, match="differ in length"):
        read({"a": [1], "b": [1, 2]})


@given(st.binary(max_size=200))
def test_no_bytes_whatever_end_in_a_traceback(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(content)
    with suppress(TableError):
        table = read(path)
        typing = Typing(table)
        for name in table.columns:
            typing.numbers(name, "value")
            typing.days(name, "date")
        kept, left_out = typing.whole()
        assert len(kept) + sum(one.count for one in left_out) - (~kept).sum() == len(table) + len(table.troubles)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8), st.floats(-1e9, 1e9)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_as_csv_is_read_back(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("back") / "back.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("name", "value"), *((f"x{name}", value) for name, value in rows)])
    table = read(path)
    assert Typing(table).numbers("value", "value").tolist() == [value for _, value in rows]
    assert [str(one) for one in table.columns["name"]] == [f"x{name}" for name, _ in rows]
