"""`python -m callsheet`: the program `callsheet`, where its script is not at hand."""

from .cli import main

if __name__ == "__main__":
    main()
