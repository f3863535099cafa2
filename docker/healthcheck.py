"""Exit with 0 when the page answers 200."""

import sys
import urllib.request


def main(url: str) -> None:
    """Raise when the page answers anything but 200, or not within three seconds."""
    with urllib.request.urlopen(url, timeout=3) as answer:
        if answer.status != 200:
            raise SystemExit(f"{url} answered {answer.status}")


if __name__ == "__main__":
    main(sys.argv[1])
