"""The methods of Python's builtin types."""

# The methods of builtin types that shared code has, with the places of those arguments that may be keywords.
METHODS: dict[str, tuple[str, ...]] = dict.fromkeys(
    """get keys values items setdefault popitem pop clear copy append extend insert remove index count reverse
    add discard difference_update intersection_update symmetric_difference_update
    union intersection difference symmetric_difference issubset issuperset isdisjoint
    join strip lstrip rstrip startswith endswith find rfind rindex replace upper lower casefold capitalize
    title swapcase ljust rjust center zfill partition rpartition removeprefix removesuffix isdigit isdecimal
    isnumeric isalpha isalnum isspace isascii isupper islower isidentifier istitle is_integer bit_length send
    close""".split(),
    (),
)
METHODS |= {
    "split": ("sep", "maxsplit"), "rsplit": ("sep", "maxsplit"), "splitlines": ("keepends",),
    "expandtabs": ("tabsize",), "sort": (), "update": (), "format": (),
}  # fmt: skip

# How many arguments they take at least and at most, whichever type's method it is.
ARGUMENTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        """keys values items popitem clear copy reverse upper lower casefold capitalize title swapcase isdigit
        isdecimal isnumeric isalpha isalnum isspace isascii isupper islower isidentifier istitle is_integer
        bit_length close""".split(),
        (0, 0),
    ),
    **dict.fromkeys(
        """append extend remove add discard join zfill partition rpartition removeprefix removesuffix
        symmetric_difference issubset issuperset isdisjoint send""".split(),
        (1, 1),
    ),
    **dict.fromkeys("startswith endswith find rfind rindex index count".split(), (1, 3)),
    **dict.fromkeys("ljust rjust center get setdefault".split(), (1, 2)),
    **dict.fromkeys("strip lstrip rstrip splitlines expandtabs".split(), (0, 1)),
    **dict.fromkeys("split rsplit pop".split(), (0, 2)),
    "insert": (2, 2), "replace": (2, 3), "sort": (0, 0),
}  # fmt: skip

# What Python's builtin types have and shared code has not: no class of the program's own stands for it.
UNSHARED_MEMBERS = frozenset(
    """encode format_map maketrans translate isprintable fromkeys as_integer_ratio bit_count conjugate denominator
    from_bytes imag numerator real to_bytes fromhex hex throw mapping""".split()
)

# Python's names for what a value can do, as far as `hasattr` knows them.
ABILITIES = frozenset(
    "__iter__ __next__ __len__ __getitem__ __setitem__ __delitem__ __contains__ __call__ __name__".split()
)
