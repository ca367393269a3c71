"""The icons of the product: paths on a grid of 24, drawn with the pen of `.icon` (components.css)."""

from typing import Final

PATHS: Final[dict[str, str]] = {
    "alert": "M12 8v5M12 16.5v.01M4 19h16L12 5z",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "back": "M19 12H5M11 6l-6 6 6 6",
    "bank": "M4 10h16L12 4zM6 10v8M10 10v8M14 10v8M18 10v8M4 20h16",
    "calendar": "M5 6h14v14H5zM5 10h14M9 3v5M15 3v5",
    "card": "M3 6h18v12H3zM3 10h18M7 15h3",
    "care": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V13M12 16.5v.01",
    "chat": "M4 5h16v11H11l-5 4v-4H4z",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "clip": "M8 12.5l6-6a3 3 0 0 1 4.3 4.3l-8 8a5 5 0 0 1-7-7l7.5-7.5",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
    "cross": "M6 6l12 12M18 6L6 18",
    "door": "M6 21V3h9v18M3 21h15M11.5 12v.01M18 12h4M19.8 9.8L22 12l-2.2 2.2",
    "document": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "download": "M12 4v11M7 10.5l5 5 5-5M5 20h14",
    "gauge": "M4 18a8.5 8.5 0 1 1 16 0M12 15l4-5M12 15v.01",
    "good": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.3l2.8 2.8L16 9.5",
    "help": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.5v.01",
    "home": "M4 11l8-7 8 7v9H4zM10 20v-6h4v6",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "mail": "M4 6h16v12H4zM4 7l8 6 8-6",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "minus": "M6 12h12",
    "note": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6v.01",
    "people": (
        "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0"
        "M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 6"
    ),
    "plug": "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3",
    "plus": "M6 12h12M12 6v12",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
    "settings": (
        "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
        "M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
    ),
    "up": "M3 20h6v-5h6v-5h6M12 4h5v5M17 4l-7 7",
}
