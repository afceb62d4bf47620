"""`python -m rheobase` is `rheobase`."""

import sys

from rheobase.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
