from rich.cells import cell_len
from rich.text import Text

from football_assets.cli.layout import fitted, header, laid, least, line, packed


def column(title, *words, is_name=False, justify="left"):
    return laid(title, [Text(word) for word in words], justify, is_name=is_name)


def test_names_are_cut_to_what_numbers_leave_and_a_short_one_gives_its_room_away():
    columns = [column("home", "A" * 20, is_name=True), column("away", "BB", is_name=True), column("score", "12-10")]
    shown = fitted(columns, 24)
    assert [each.width for each in shown] == [12, 4, 5]
    text = line(shown, [each.cells[0] for each in shown]).plain
    assert text == f" {'A' * 11}… BB   12-10"
    assert cell_len(header(shown).plain) == 24


def test_wide_letters_take_two_cells():
    shown = fitted([column("team", "北京国安足球俱乐部", is_name=True), column("n", "1")], 12)
    text = line(shown, [each.cells[0] for each in shown]).plain
    assert cell_len(text) == 12
    assert text.endswith(" 1")


def test_the_least_width_counts_names_cut_and_numbers_whole():
    assert least([column("a", "X" * 30, is_name=True), column("b", "123456")], 8) == 8 + 6 + 2


def test_short_texts_share_lines_where_they_fit():
    assert [each.plain for each in packed(["one", "two", "three"], 9)] == ["one · two", "three"]
