"""`python -m wqstudy` is the command `wqstudy`."""

from wqstudy.cli import main

if __name__ == "__main__":
    main()
