"""What the tests of this room share."""

import shutil

import dagster as dg
import pytest

from football_assets.config import project_root


@pytest.fixture(scope="module")
def dagster_made(tmp_path_factory):
    """A folder with Dagster's three files made; making them takes Dagster a second."""
    folder = tmp_path_factory.mktemp("dagster")
    shutil.copy(project_root() / "dagster.yaml", folder)
    with dg.DagsterInstance.from_config(str(folder)):
        return folder


@pytest.fixture
def dagster_home(dagster_made, tmp_path):
    """A copy of it of the test's own."""
    return shutil.copytree(dagster_made, tmp_path / "dagster")
