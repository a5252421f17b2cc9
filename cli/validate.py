"""`callsheet validate`: check scenario files, and whether they make sense."""

from __future__ import annotations

from typing import Annotated

import typer


def validate(
    scenarios: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, or names from the library.")
    ],
) -> int:
    """Check scenario files: their form first, then whether they make sense."""
    from ..scenarios import ScenarioError, scenario_files
    from ..scenarios.lint import lint_file

    files = scenario_files(scenarios)
    findings = 0
    for path in files:
        try:
            found = [str(finding) for finding in lint_file(path)]
        except ScenarioError as error:
            found = [str(problem) for problem in error.problems]
        for line in found:
            typer.echo(line)
        findings += len(found)
    typer.echo(f"{len(files)} files, {findings} findings")
    return 1 if findings else 0
