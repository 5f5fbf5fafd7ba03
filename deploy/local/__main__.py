"""`python3 -m deploy.local <verb>`."""

import sys

from deploy.local.cli import main

sys.exit(main())
