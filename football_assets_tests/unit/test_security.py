"""No code in data and no shell: the source of the package holds none of what would allow either."""

import ast

import pytest

from football_assets.config import project_root

PACKAGE = project_root() / "football_assets"
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {"eval", "exec", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
CALLS |= {"read_pickle", "to_pickle", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}
CALLS |= {"asyncio.create_subprocess_shell"}


def problems(source: str) -> list[str]:
    """What a file does that is not allowed, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            found += [f"{node.lineno}: {name}" for name in named if name.partition(".")[0] in MODULES]
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in CALLS or name.rpartition(".")[2] in CALLS - {"eval", "exec"}:
                found.append(f"{node.lineno}: {name}")
            for each in node.keywords:
                if each.arg in ("shell", "allow_pickle") and not _is_false(each.value):
                    found.append(f"{node.lineno}: {each.arg}")
    return found


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def test_no_file_of_the_package_runs_data_or_a_shell():
    files = sorted(PACKAGE.rglob("*.py"))
    found = {file.relative_to(PACKAGE).as_posix(): problems(file.read_text(encoding="utf-8")) for file in files}
    assert len(files) > 300
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "run(words, shell=True)",
        "run(words, shell=wanted)",
        "numpy.load(path, allow_pickle=True)",
        "frame = pandas.read_pickle(path)",
        "yaml.load(text)",
        "eval(text)",
        "os.system(text)",
    ],
)
def test_what_is_not_allowed_is_found(line):
    assert problems(line)


def test_what_is_allowed_is_not():
    assert problems("run([sys.executable], shell=False)\nyaml.safe_load(text)\nmodel.eval_metric(1)") == []
