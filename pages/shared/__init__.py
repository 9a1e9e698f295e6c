"""State and caches of the pages, and what they have in common."""

import gc

from streamlit.runtime import exists

COLLECT = gc.get_threshold()

# Whatever is loaded up to the first page stays; to look through it for garbage again and again took an eighth of that
# page's time. `warm` sets it back once all is loaded, so that what a reader leaves behind is found as soon as ever.
if exists():  # a server, not a test of single pages
    gc.set_threshold(50_000)
