"""Real clients against a real process: python run.py BINARY."""

import pathlib
import sys
import unittest

BINARY = None


def main():
    global BINARY
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    here = pathlib.Path(__file__).parent
    sys.path.insert(0, str(here))
    sys.modules["run"] = sys.modules["__main__"]
    suite = unittest.defaultTestLoader.discover(str(here), pattern="test_*.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)


if __name__ == "__main__":
    main()
