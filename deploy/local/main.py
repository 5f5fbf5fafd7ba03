"""`python3 deploy/local/main.py <verb>`: the same as `python3 -m deploy.local <verb>`.

Works from every folder and with PYTHONSAFEPATH set. Keep this file readable for old Pythons,
so that they can say what is wrong instead of stumbling over the syntax.
"""

import os
import runpy
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is there for the others
    sys.exit(
        "Python 3.11 or newer is needed, this is "
        + sys.version.split()[0]
        + ". Point PYTHON at a newer one: make demo PYTHON=python3.12"
    )

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))  # noqa: PTH100, PTH120
runpy.run_module("deploy.local", run_name="__main__", alter_sys=True)
