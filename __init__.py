"""callsheet: simulate, record, train on and evaluate multi-agent conversations with tools.

Each room is imported by its own name, such as `callsheet.scenarios`; nothing heavy is imported
here, so that `callsheet --help` answers at once.
"""

__version__ = "0.1.0"
