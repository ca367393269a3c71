"""The bootstrap takes a Python that really runs, whatever lies on PATH."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL = str(Path(sys.executable).resolve())
SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 1\n"


def find(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the finder with only the given folder and the shell's own tools on PATH."""
    bare = {"PATH": str(path), "HOME": str(path / "home"), **environment}
    return subprocess.run(["/bin/sh", str(ROOT / "tools" / "find-python")], env=bare, capture_output=True, text=True)


def put(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


def test_a_shim_that_fails_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "python3.13", SHIM)
    put(tmp_path, "python3.12", f'#!/bin/sh\nexec {REAL} "$@"\n')
    answer = find(tmp_path)
    assert answer.returncode == 0
    assert Path(answer.stdout.strip()).resolve() == Path(REAL)


def test_a_python_behind_pyenv_is_found(tmp_path: Path) -> None:
    put(tmp_path, "python3.13", SHIM)
    put(tmp_path, "python3", OLD)
    put(tmp_path, "versions/3.12.1/bin/python", f'#!/bin/sh\nexec {REAL} "$@"\n')
    put(
        tmp_path,
        "pyenv",
        f'#!/bin/sh\n[ "$1 $2" = "prefix 3.12" ] && echo {tmp_path}/versions/3.12.1 && exit 0\nexit 1\n',
    )
    assert find(tmp_path).returncode == 0


def test_a_python_of_uv_is_found(tmp_path: Path) -> None:
    put(tmp_path, "managed/python3", f'#!/bin/sh\nexec {REAL} "$@"\n')
    put(tmp_path, "uv", f"#!/bin/sh\necho {tmp_path}/managed/python3\n")
    assert find(tmp_path).returncode == 0


def test_the_named_python_wins(tmp_path: Path) -> None:
    put(tmp_path, "mine", f'#!/bin/sh\nexec {REAL} "$@"\n')
    assert find(tmp_path, PYTHON=str(tmp_path / "mine")).returncode == 0


def test_a_named_python_that_fails_is_not_replaced_by_another(tmp_path: Path) -> None:
    put(tmp_path, "python3", f'#!/bin/sh\nexec {REAL} "$@"\n')
    answer = find(tmp_path, PYTHON=str(tmp_path / "none"))
    assert answer.returncode == 1
    assert "PYTHON=" in answer.stderr


@pytest.mark.parametrize("there", [{}, {"python3": OLD}, {"python3.13": SHIM, "python3": SHIM}])
def test_without_any_one_sentence_says_what_to_install(tmp_path: Path, there: dict[str, str]) -> None:
    for name, script in there.items():
        put(tmp_path, name, script)
    answer = find(tmp_path)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith("Palier needs Python 3.12 or newer")
    assert answer.stderr.count("\n") == 1
