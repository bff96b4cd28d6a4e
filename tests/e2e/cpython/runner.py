"""Runs modules of CPython's own tests in this process, one after the other, and tells of each in one
line, on standard output:

    MODULE OUTCOME TESTS SKIPPED SECONDS

OUTCOME is passed, failed or skipped; what failed stands on the lines before it. Arguments: modules,
`-NAME` for a test that is left out, and `limit=SECONDS` for each module.

Tests of sub-processes are skipped, by CPython's own means for platforms that have none, and where
they ask for one nevertheless. The library lies where nothing can be written, so that a test that
clears away what it did not write there is told that it is not there, instead of EROFS."""

import contextlib
import errno
import faulthandler
import functools
import importlib
import io
import os
import posix
import subprocess
import sys
import time
import traceback
import unittest

from test import support  # noqa: E402
import test.libregrtest.runtest as runtest  # noqa: E402
from test.libregrtest.cmdline import _parse_args  # noqa: E402
from test.libregrtest.setup import setup_tests  # noqa: E402
from test.libregrtest.save_env import saved_test_environment  # noqa: E402
from test.libregrtest.utils import clear_caches  # noqa: E402
from test.support import os_helper  # noqa: E402

support.has_fork_support = support.has_subprocess_support = False


def need_process(*arguments, **options):
    raise unittest.SkipTest("needs a sub-process")


for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system"):
    setattr(os, name, need_process)
    setattr(posix, name, need_process)
subprocess._fork_exec = need_process


def unlink(path, real=os_helper._unlink):
    try:
        real(path)
    except OSError as error:
        if error.errno == errno.EROFS and not os.path.lexists(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
        raise


os_helper._unlink = unlink


class Counts:
    """How many tests there were, from the runner that test.support makes."""

    def __init__(self):
        self.tests = self.skipped = 0
        self.make = support.get_test_runner
        support.get_test_runner = self.counting

    def counting(self, *arguments, **options):
        runner = self.make(*arguments, **options)
        run = runner.run

        def counted(suite):
            result = run(suite)
            self.tests += result.testsRun
            self.skipped += len(result.skipped)
            return result

        runner.run = counted
        return runner


def run_module(name):
    """Returns the outcome, and what went wrong."""
    try:
        module = importlib.import_module(f"test.{name}")
        main = getattr(module, "test_main", None) or functools.partial(runtest._test_module, module)
        with saved_test_environment(name, 0, True):
            main()
        return "passed", ""
    except unittest.SkipTest as reason:
        return "skipped", str(reason)
    except support.TestFailedWithDetails as failure:
        return "failed", "\n".join(f"{test}:\n{text}" for test, text in failure.errors + failure.failures)
    except BaseException:  # SystemExit and KeyboardInterrupt too: the next module is to run
        return "failed", traceback.format_exc()


def main():
    modules = []
    ignored = []
    limit = 600
    for argument in sys.argv[1:]:
        if argument.startswith("limit="):
            limit = int(argument.removeprefix("limit="))
        elif argument.startswith("-"):
            ignored.append(argument[1:])
        else:
            modules.append(argument)
    options = _parse_args([])
    setup_tests(options)
    support.verbose = 0
    console = sys.stdout
    passed = 0
    with os_helper.temp_cwd(None):
        for name in modules:
            counts = Counts()
            support.set_match_tests(None, ignored)
            faulthandler.dump_traceback_later(limit, exit=True)
            start = time.monotonic()
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                outcome, text = run_module(name)
                support.gc_collect()
                runtest.cleanup_test_droppings(name, 0)
                clear_caches()
            faulthandler.cancel_dump_traceback_later()
            support.get_test_runner = counts.make
            if outcome == "passed" and counts.skipped and counts.tests <= counts.skipped:
                outcome = "skipped"
            passed += outcome == "passed"
            if outcome == "failed":
                print(printed.getvalue(), file=console)
            if text:
                print(text, file=console)
            print(name, outcome, counts.tests, counts.skipped, f"{time.monotonic() - start:.1f}",
                  file=console, flush=True)
    print(f"{passed} of {len(modules)} passed", file=console, flush=True)
    os._exit(0)


main()
