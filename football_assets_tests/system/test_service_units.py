"""The units as systemd's own checker judges them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from football_assets.operations import service_units as units

AT_MOST = 3.0


def test_every_service_is_exposed_at_most_3_of_10(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units.install(tmp_path)
    files = sorted(map(str, (tmp_path / units.UNITS).glob("*.service")))
    assert len(files) == len(units.SERVICES)
    for file in files:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        assert found, done.stderr
        assert float(found[1]) <= AT_MOST, Path(file).name
