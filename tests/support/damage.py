"""Damage to files, as Hypothesis draws it: bytes set, flipped, cut out, doubled, zeroed, ends cut off."""

from hypothesis import strategies as st

Change = tuple[str, float, int]

# Squared, so that half of the places lie in the first quarter of a file, where the headers are.
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "flip", "remove", "double", "zero", "cut"]),
        st.floats(0, 1, exclude_max=True).map(lambda place: place**2),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=8,
)


def change(data: bytes, changes: list[Change]) -> bytes:
    """Apply (kind, place as a share of the length, number) one after the other."""
    changed = bytearray(data)
    for kind, share, number in changes:
        place = int(share * len(changed))
        if not changed:
            break
        if kind == "set":
            changed[place] = number
        elif kind == "flip":
            changed[place] ^= 1 << number % 8
        elif kind == "remove":
            del changed[place : place + number % 40 + 1]
        elif kind == "double":
            changed[place:place] = changed[place : place + number % 40 + 1]
        elif kind == "zero":
            end = min(place + number % 40 + 1, len(changed))
            changed[place:end] = bytes(end - place)
        else:
            del changed[len(changed) - place :]
    return bytes(changed)
