"""Who imports the client package gets its types checked: the package says that it has them."""

from importlib.resources import files


def test_the_package_is_marked_as_typed():
    assert files("football_assets").joinpath("py.typed").is_file()
