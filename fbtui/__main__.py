"""``python -m fbtui`` is ``fbtui``."""

from fbtui.cli import main

if __name__ == "__main__":
    main()
