"""The verbs behind the Makefile."""

import argparse
import sys
from collections.abc import Callable, Sequence

from deploy.local import checks, layout, packages, record, stack
from deploy.local.console import Refusal, note, say
from deploy.local.ports import web_address
from deploy.local.processes import terminated_like_interrupted
from deploy.local.services import MARK_OF_TEST_RUN, Services, Web, mail_ports


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status (2 where an administrator must act)."""
    options = _parser().parse_args(words)
    verb: Callable[[argparse.Namespace], int] = options.verb
    try:
        return verb(options)
    except Refusal as refusal:
        say(f"\n{refusal}")
        return refusal.code
    except KeyboardInterrupt:
        say("\ninterrupted")
        return 130
    except OSError as error:
        if error.errno in {28, 122}:  # no space left, quota
            say(f"\nNo disk space left while writing {error.filename or 'a file'}.")
            return 1
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.local", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="verb")

    def add(name: str, verb: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=verb.__doc__)
        sub.set_defaults(verb=verb)
        return sub

    add("bootstrap", _bootstrap).add_argument("--tests", action="store_true")
    add("services-up", _services_up).add_argument("--test", action="store_true")
    add("services-down", _services_down).add_argument("--test", action="store_true")
    add("demo", lambda _: stack.foreground(with_demo=True))
    add("run", lambda _: stack.foreground(with_demo=False))
    add("up", lambda _: stack.background(with_demo=True))
    add("stop", lambda _: stack.stop())
    add("reset", lambda _: stack.reset())
    add("check", _check)
    add("fix", _fix)
    add("test", _test).add_argument("arguments", nargs="*")
    add("fast", _fast).add_argument("arguments", nargs="*")
    supervise = add("supervise", _supervise)
    supervise.add_argument("--with-demo", action="store_true")
    add("install-packages", _install).add_argument(
        "needs", nargs="+", choices=sorted(packages.NAMES)
    )
    return parser


def _bootstrap(options: argparse.Namespace) -> int:
    """Install what is missing."""
    stack.bootstrap("dev" if options.tests else "demo", browser=options.tests)
    note("everything is installed")
    return 0


def _services_up(options: argparse.Namespace) -> int:
    """Start PostgreSQL and Redis and write the environment file."""
    layout.make_var()
    services = Services(for_tests=options.test)
    services.up()
    if options.test:
        MARK_OF_TEST_RUN.unlink(missing_ok=True)  # a test run must not stop them any more
        services.write_env(Web(), None)
    elif not record.is_held():
        services.write_env(Web(*web_address()), mail_ports())
    say(f"{services.env_file}")
    return 0


def _services_down(options: argparse.Namespace) -> int:
    """Stop PostgreSQL and Redis."""
    if not options.test and record.is_held():
        raise Refusal("The demo is running on these services; stop it with: make stop")
    Services(for_tests=options.test).down()
    if options.test:
        MARK_OF_TEST_RUN.unlink(missing_ok=True)
    return 0


def _check(_options: argparse.Namespace) -> int:
    """Lint, format, types, contracts, templates, migrations, OpenAPI."""
    stack.bootstrap("dev")
    return checks.check()


def _fix(_options: argparse.Namespace) -> int:
    """Repair lint findings and format."""
    stack.bootstrap("dev")
    return checks.fix()


def _test(options: argparse.Namespace) -> int:
    """Run all tests."""
    stack.bootstrap("dev", browser=True)
    return checks.test(options.arguments, fast=False)


def _fast(options: argparse.Namespace) -> int:
    """Run the tests that need no browser and kill nothing."""
    stack.bootstrap("dev")
    return checks.test(options.arguments, fast=True)


def _supervise(options: argparse.Namespace) -> int:
    """Be the supervisor of a start in the background."""
    return stack.supervise(Web(*web_address()), with_demo=options.with_demo)


def _install(options: argparse.Namespace) -> int:
    """Install system packages; runs as root."""
    with terminated_like_interrupted():
        return packages.install(options.needs)


if __name__ == "__main__":
    sys.exit(main())
