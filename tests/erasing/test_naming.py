"""Ids are found as words and values anywhere, however a file writes them."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from orchestration.ingestion import erasures, naming
from orchestration.ingestion.naming import Wanted
from tests.erasing.people import ADDRESS, NAME, PERSON

ID = "cust9"
QUOTED = 'Zhang "the Zxq" San'


@pytest.mark.parametrize(
    "text",
    [
        "客户：cust9，已退",
        "uid=cust9",
        "(cust9)",
        "u/cust9",
        "#cust9",
        "客户cust9号",
        "cust9",
        "cust9.0;1",
        "xcust9 cust9",
        '{"note": "seen\\ncust9"}',
        '{"note": "\\u0063ust9\\u5df2"}',
    ],
)
def test_an_id_is_a_word_between_signs_of_any_kind(text: str) -> None:
    assert Wanted([ID], []).is_in(text)
    assert ID in erasures.words(text)


@pytest.mark.parametrize(
    "text", ["cust90", "xcust9", "cust9-2", "a_cust9", "cust9_", "9-cust9", ""]
)
def test_what_touches_an_id_makes_another_of_it(text: str) -> None:
    assert not Wanted([ID], []).is_in(text)
    assert ID not in erasures.words(text)


@pytest.mark.parametrize("id_", ["a.c", "a+", "[a]", "a|b", "$", "\\d"])
def test_an_id_may_hold_signs_of_any_kind(id_: str) -> None:
    assert Wanted([id_], []).is_in(f"uid {id_} is back")
    assert not Wanted([id_], []).is_in("uid abc7 is back")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("value", ["张三丰", "𠮷野家", NAME, ADDRESS])
def test_a_file_of_any_encoding_is_searched(
    tmp_path: Path, value: str, encoding: str, ending: str
) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(f"id,收货人{ending}客{ID},{value}{ending}".encode(encoding))
    assert Wanted([], [value]).is_in_file(file)
    assert Wanted([ID], []).is_in_file(file)
    assert not Wanted(["ust9"], [value + "!"]).is_in_file(file)


@pytest.mark.parametrize("value", ["张三丰", "𠮷野家", QUOTED, "two\nlines", "back\\slash", "a/b"])
def test_a_value_is_found_as_formats_write_it(tmp_path: Path, value: str) -> None:
    file = tmp_path / "any"
    in_csv = value.replace('"', '""')
    for text in (
        json.dumps({"note": value}),
        json.dumps({"note": value}, ensure_ascii=False),
        f'1,"{in_csv}",2\n',
    ):
        file.write_text(text, encoding="utf-8", newline="")
        assert Wanted([], [value]).is_in_file(file)


def test_lines_of_several_encodings_may_stand_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_bytes("张三丰,1\n".encode("gb18030") + "李小龙,2\n".encode())
    assert Wanted([], ["张三丰"]).is_in_file(file)
    assert Wanted([], ["李小龙"]).is_in_file(file)


def test_bytes_that_were_escaped_in_a_quarantined_text_are_read() -> None:
    text = "7,张三丰,x".encode("gb18030").decode("utf-8", "backslashreplace")
    assert Wanted([], ["张三丰"]).is_in(text)


@pytest.mark.parametrize("block", [1, 3, 7, 64])
@pytest.mark.parametrize("written", ["张三 丰", json.dumps("张三 丰")[1:-1]])
def test_what_lies_across_the_edges_of_blocks_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, written: str
) -> None:
    monkeypatch.setattr(naming, "BLOCK", block)
    file = tmp_path / "any"
    for before in range(70):
        file.write_text("x" * before + f" {ID},{written}，", encoding="utf-8")
        assert Wanted([ID], []).is_in_file(file)
        assert Wanted([], ["张三 丰"]).is_in_file(file)
        file.write_text("x" * before + f"{ID} 9{ID} {ID}9 -{ID} " + "x" * 99, encoding="utf-8")
        assert Wanted([ID], []).is_in_file(file) is (before == 0)


def test_a_large_file_is_never_held_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as writer:
        for _ in range(40):
            writer.write(b"x" * naming.BLOCK)
        writer.write(f" {PERSON}".encode())
    tracemalloc.start()
    try:
        assert Wanted([PERSON], [NAME]).is_in_file(file)
        assert tracemalloc.get_traced_memory()[1] < 20 * naming.BLOCK
    finally:
        tracemalloc.stop()
