"""AVR Factory: fixes known vulnerabilities in the exact versions people run, and proves it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("avr-factory")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
