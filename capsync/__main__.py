"""`python -m capsync`: the same as the console script."""

from capsync.cli.main import main

main()
