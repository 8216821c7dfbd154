"""`python -m avr` is `avr`."""

from avr.cli.main import main

if __name__ == "__main__":
    main()
