"""Run ``python -m dateline`` as the command line."""

from dateline.cli import main

main()
