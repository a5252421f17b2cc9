"""The Typer application: which verbs there are. Each verb is a file of its own."""

from __future__ import annotations

from importlib import import_module

import typer

from .errors import EXIT_CODES

VERBS = (
    "init",
    "validate",
    "run",
    "resume",
    "retry",
    "show",
    "runs",
    "watch",
    "replay",
    "fork",
    "doctor",
    "convert",
    "export",
    "filter",
    "rate",
    "agree",
    "pairs",
    "train",
    "merge",
    "serve",
    "chat",
    "evaluate",
    "report",
    "compare",
    "synthesize",
    "experiment",
    "demo",
    "student",
)
"""In the order of `callsheet --help`; each is a module here with a function of the same name."""

_EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())


def application() -> typer.Typer:
    """The application with all verbs."""
    app = typer.Typer(
        name="callsheet",
        help="Simulate, record, train on and evaluate multi-agent conversations with tools.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def callsheet(
        version: bool = typer.Option(False, "--version", help="Print the version and stop."),
    ) -> None:
        if version:
            from .. import __version__

            typer.echo(__version__)
            raise typer.Exit

    for verb in VERBS:
        module = import_module(f".{verb}", __package__)
        command = module.EvaluateCommand if verb == "evaluate" else None
        app.command(name=verb, cls=command)(getattr(module, verb))
    app.add_typer(import_module(".tools", __package__).tools())
    app.add_typer(import_module(".graph", __package__).graph())
    app.add_typer(import_module(".api_bank", __package__).api_bank())
    return app
