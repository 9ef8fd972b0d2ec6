"""`python -m unfurler`."""

from unfurler.cli import main

if __name__ == "__main__":
    main()
