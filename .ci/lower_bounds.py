"""Print the project's dependencies as pip constraints, each at its lower bound."""

from __future__ import annotations

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
for requirement in project["dependencies"]:
    name, bound = requirement.split(">=")
    print(f"{name}=={bound}")
