"""What random programs are made of: typed templates of expressions, with holes.

`<int>` is a hole for an expression of that type; `<T>` and `<U>` stand for types that are drawn (`T` is what the
template makes an expression of: the one in the brackets). A template that binds a name writes `<$U>` for the name, and `<!list[U]>`
for what is evaluated outside its reach. `<name>` and `<small>` are what literal() has for these words.
"""

from tests.parity.known import LEFT_OUT

SCALARS = ("int", "str", "bool", "float")
# What is slipped in as a wrong type: no sets, whose order might then be printed.
TYPES = (*SCALARS, "list[int]", "list[str]", "dict[str]", "tuple", "list[list]", "any", "list[float]", "none")
ELEMENTS = ("int", "str", "float", "bool", "tuple", "list")

LITERALS: dict[str, tuple[str, ...]] = {
    "int": ("0", "1", "2", "3", "(-1)", "7", "10", "255", "(-13)", "1000000", "9007199254740991", "9007199254740993", "2147483648"),
    "small": ("0", "1", "2", "3", "(-1)", "(-2)", "5"),
    "float": ("0.5", "1.0", "2.5", "(-0.0)", "0.1", "3.0", "1e16", "1e-7", "2.675", "123456.789", "(-7.25)", "1e300", "float('inf')"),
    "str": ("''", "'a'", "'b'", "'abc'", "'Hello World'", "'10'", "' x '", "'a,b,,c'", "'a\\nb'", "'😀'", "'a😀b'", "'é'", "'ß'",
            "\"it's\"", "'\"q\"'", "'back\\\\slash'", "'\\x00\\t'", "'2'", "'ΑΣ'", "'\\u2028'", "'{}'", "'%s'", "'²'", "'٣'"),
    "name": ("'a'", "'b'", "'c'", "'10'", "'2'", "'constructor'", "'__proto__'", "'length'", "'😀'", "''", "'get'"),
    "bool": ("True", "False"),
    "none": ("None",),
    "spec": ("", ":>5", ":<5", ":^7", "!r", "!s:>8", ":5"),
    "ispec": (":d", ":05d", ":,", ":+d", ":x", ":08b", ":>6", ":#x", ":_", ":.2f", ":e", ":c", ":<+7"),
    "fspec": (":.2f", ":.0f", ":8.3f", ":e", ":.3g", ":,.1f", ":+.1f", ":%", ":<8", "", ":010.2f", ":g"),
    "sep": ("','", "' '", "'a'", "', '", "'b'", "'😀'"),
    "type": ("int", "str", "float", "bool", "list", "dict", "tuple", "(int, str)", "(list, dict)", "set", "object"),
    "exception": ("ValueError", "KeyError", "TypeError", "IndexError", "ZeroDivisionError", "LookupError", "ArithmeticError", "RuntimeError", "AttributeError", "Exception"),
}  # fmt: skip

TEMPLATES: dict[str, tuple[str, ...]] = {
    "int": (
        "(<int> + <int>)", "(<int> - <int>)", "(<int> * <small>)", "(<int> // <int>)", "(<int> % <int>)", "(-<int>)",
        "len(<list[int]>)", "len(<str>)", "len(<dict[str]>)", "<list[int]>[<small>]", "sum(<list[int]>)", "abs(<int>)",
        "max(<int>, <int>)", "min(<list[int]>)", "max(<list[int]>, default=<int>)", "int(<float>)", "int(<str>)",
        "int(<bool>)", "<str>.find(<str>)", "<str>.count(<str>)", "<list[int]>.index(<int>)", "<list[str]>.count(<str>)",
        "(<int> if <any> else <int>)", "(<int> and <int>)", "(<int> or <int>)", "(<int> & <int>)", "(<int> | <int>)",
        "(<int> ^ <int>)", "(<int> << <count>)", "(<int> >> <count>)", "(~<int>)", "(<small> ** <count>)", "round(<float>)",
        "sum(<int> for <$U> in <!list[U]>)", "(lambda <$U>: <int>)(<!U>)", "<dict[str]>.get(<name>, <int>)",
        "<dict[str]>[<name>]", "divmod(<int>, <int>)[<small>]", "ord(<str>)", "<tuple>[<small>]", "len(<set>)",
        "sum(<list[int]>, <int>)", "<str>.index(<str>)", "<str>.rfind(<str>)", "int(<str>, <base>)", "next(iter(<list[int]>))",
        "min(<!list[int]>, key=lambda <$int>: <int>)", "sum(<dict[str]>.values())", "round(<int>, <small>)", "<int>.bit_length()",
    ),
    "float": (
        "(<float> + <float>)", "(<float> - <int>)", "(<float> * <float>)", "(<int> / <int>)", "(<float> / <float>)",
        "(<float> // <int>)", "(<float> % <float>)", "float(<int>)", "round(<float>, <count>)", "abs(<float>)", "(-<float>)",
        "max(<float>, <int>)", "sum(<list[float]>)", "<list[float]>[<small>]", "float(<str>)", "math.floor(<float>)",
        "math.sqrt(<float>)", "(<float> ** <count>)", "min(<list[float]>)", "(<float> if <bool> else <int>)", "(<int> * <float>)",
        "(<small> ** -<count>)", "math.fabs(<float>)",
    ),
    "str": (
        "(<str> + <str>)", "(<str> * <count>)", "<str>[<small>]", "<str>[<slice>]", "str(<any>)", "repr(<any>)", "<str>.upper()",
        "<str>.lower()", "<str>.strip()", "<str>.replace(<str>, <str>)", "<str>.join(<list[str]>)", "<str>.title()",
        "<str>.capitalize()", "<str>.zfill(<width>)", "<str>.rjust(<width>, '*')", "<str>.center(<width>)", "<str>.ljust(<width>)",
        "(lambda <$any>: f'{<$any><spec>}')(<!any>)", "(lambda <$int>: f'{<$int><ispec>}')(<!int>)",
        "(lambda <$float>: f'{<$float><fspec>}')(<!float>)", "(lambda <$str>, <$any>: f'{<$str><spec>}|{<$any>=}')(<!str>, <!any>)",
        "'{}-{}'.format(<any>, <int>)", "'{0:>4}{1!r}'.format(<int>, <str>)", "'%s:%d' % (<any>, <int>)", "'%5.1f|' % <float>",
        "<list[str]>[<small>]", "(<str> or <str>)", "(<str> if <any> else <str>)", "''.join(<str> for <$U> in <!list[U]>)",
        "type(<any>).__name__", "chr(<width>)", "<str>.partition(<sep>)[<small>]", "<str>.removeprefix(<str>)", "<str>.swapcase()",
        "<str>.split(<sep>)[<small>]", "max(<str>, <str>)", "min(<list[str]>, default=<str>)", "<str>.strip(<str>)", "<str>.casefold()",
        "<str>.lstrip(<str>)", "''.join(reversed(<str>))", "''.join(sorted(<str>))", "'{name}'.format(name=<any>)", "<str>.expandtabs(4)",
        "<str>.rpartition(<sep>)[0]", "(lambda <$U>, suffix=<!str>: str(<$U>) + suffix)(<!U>)", "(lambda <$str>: f'{<$str>:{<width>}}')(<!str>)", "hex(<int>)",
        "json.dumps(<data>)", "json.dumps(<dict[str]>, sort_keys=True)", "format(<float>, '.3f')", "<str>.replace(<str>, <str>, <count>)",
    ),
    "bool": (
        "(<int> == <int>)", "(<int> < <int>)", "(<float> <= <int>)", "(<str> < <str>)", "(<str> == <str>)", "(<any> == <any>)",
        "(<any> != <any>)", "(not <any>)", "bool(<any>)", "(<int> in <list[int]>)", "(<str> in <str>)", "(<name> in <dict[str]>)",
        "(<any> is None)", "(<any> is not None)", "isinstance(<any>, <type>)", "(<list[int]> == <list[int]>)",
        "(<list[int]> < <list[int]>)", "(<tuple> < <tuple>)", "(<tuple> == <tuple>)", "(<dict[str]> == <dict[str]>)",
        "(<int> < <int> <= <int>)", "(<bool> and <bool>)", "(<bool> or <bool>)", "any(<bool> for <$U> in <!list[U]>)",
        "all(<bool> for <$U> in <!list[U]>)", "any(<list[int]>)", "all(<list[str]>)", "<str>.startswith(<str>)", "<str>.endswith(<str>)",
        "<str>.isdigit()", "<str>.isalpha()", "<str>.isupper()", "<str>.isspace()", "(<int> not in <set>)", "(<set> == <set>)",
        "(<set> <= <set>)", "(<list[list]> == <list[list]>)", "(<any> < <any>)", "(<list[list]> <= <list[list]>)", "float(<float>).is_integer()",
        "(<any> in [<any>, <any>])", "(<float> == <int>)", "(<list[str]> >= <list[str]>)", "(<any> in (<any>, <any>))", "callable(<any>)",
        "<set>.isdisjoint(<set>)", "(type(<any>) is <plain>)", "<str>.isalnum()", "<str>.startswith((<str>, <str>))", "<str>.isidentifier()",
    ),
    "none": ("<list[int]>.append(<int>)", "<dict[str]>.get(<name>)", "<list[int]>.reverse()", "<list[str]>.sort()"),
    "list": (
        "[<T>, <T>]", "[<T>]", "[]", "[<T>, <T>, <T>]", "(<list[T]> + <list[T]>)", "<list[T]>[<slice>]", "(<list[T]> * <count>)",
        "list(<list[T]>)", "<list[T]>.copy()", "[*<list[T]>, <T>]", "sorted(<list[T]>)", "sorted(<list[T]>, reverse=<flag>)",
        "list(reversed(<list[T]>))", "[<T> for <$U> in <!list[U]>]", "[<$T> for <$T> in <!list[T]> if <bool>]",
        "sorted(<!list[T]>, key=lambda <$T>: <int>)", "sorted(<!list[T]>, key=lambda <$T>: <str>, reverse=True)",
        "list(filter(lambda <$T>: <bool>, <!list[T]>))", "list(map(lambda <$U>: <T>, <!list[U]>))", "(<list[T]> if <any> else <list[T]>)",
        "(<list[T]> or <list[T]>)", "(<list[T]> and <list[T]>)", "[<T> for <$U> in <!list[U]> for <$V> in <!list[V]> if <bool>]",
        "[*<list[T]>, *<list[T]>]", "sorted(<!list[T]>, key=lambda <$T>: (<int>, <$T>))", "sorted(<list[T]>, key=str)",
        "(lambda *rest: list(rest))(<T>, *<list[T]>)",
    ),
    "list[int]": ("list(range(<count>))", "list(range(<small>, <small>, <small>))", "[ord(<$str>) for <$str> in <!str>]",
                  "list(<dict[str]>.values())", "sorted(<set>)", "[<$int> * <$int> for <$int> in range(<count>)]"),
    "list[str]": ("<str>.split()", "<str>.split(<sep>)", "list(<str>)", "<str>.splitlines()", "list(<dict[str]>)", "sorted(<dict[str]>)",
                  "<str>.rsplit(<sep>, <count>)", "list(<dict[str]>.keys())", "<str>.split(<sep>, <small>)", "sorted(<list[str]>, key=len)"),
    "list[tuple]": ("list(<dict[str]>.items())", "list(enumerate(<list[str]>))", "list(zip(<list[int]>, <str>))", "[<$any>[:] for <$any> in <!list[tuple]>]",
                    "list(enumerate(<list[int]>, <small>))", "sorted(<dict[str]>.items(), key=lambda pair: (pair[1], pair[0]))"),
    "list[list]": ("[<list[int]>, <list[int]>]", "[<list[str]>]", "[[<any>], <list[list]>]", "[]", "sorted([<list[int]>, <list[int]>])",
                   "[list(<$any>) for <$any> in <!list[list]>]"),
    "tuple": ("(<int>, <str>)", "(<any>, <any>)", "(<int>,)", "()", "(<tuple> + <tuple>)", "tuple(<list[int]>)", "<tuple>[<slice>]",
              "divmod(<int>, <int>)", "(*<list[int]>, <any>)", "(<float>, (<int>, <str>))", "tuple(<int> for <$U> in <!list[U]>)", "(<tuple> * <count>)"),
    "dict[str]": (
        "{<name>: <int>}", "{}", "{<name>: <int>, <name>: <int>}", "{**<dict[str]>, <name>: <int>}", "(<dict[str]> | <dict[str]>)",
        "{str(<$U>): <int> for <$U> in <!list[U]>}", "dict(<dict[str]>)", "dict(a=<int>, b=<int>)", "dict(zip(<list[str]>, <list[int]>))",
        "dict([(<str>, <int>), (<str>, <int>)])", "<dict[str]>.copy()", "{key: value + <int> for key, value in <dict[str]>.items()}",
        "(<dict[str]> if <any> else <dict[str]>)",
    ),
    "set": ("set(<list[int]>)", "{<int>, <int>}", "(<set> | <set>)", "(<set> & <set>)", "(<set> - <set>)", "(<set> ^ <set>)", "set()",
            "{<int> for <$U> in <!list[U]>}", "<set>.union(<list[int]>)", "<set>.copy()"),
    "data": ("{<name>: <data>, 'n': <int>}", "[<data>, <data>]", "<str>", "<float>", "None", "<bool>", "{'items': <list[list]>}", "json.loads(json.dumps(<data>))",
             "(<int>, <str>)"),
    "any": ("<int>", "<str>", "<float>", "<bool>", "None", "<list[int]>", "<dict[str]>", "<tuple>", "<list[list]>", "<data>",
            "{(<int>, <str>): <int>}", "{<int>: <any>}", "(<any> or <any>)", "(<any> and <any>)", "(<any> if <any> else <any>)"),
}  # fmt: skip

# Small words of the grammar: what else may stand in a hole.
WORDS: dict[str, tuple[str, ...]] = {
    "flag": ("True", "False") if "<bool> of reverse" in LEFT_OUT else ("True", "False", "0.5", "list", "1"),
    "count": ("2", "0", "1", "3"),
    "width": ("5", "1", "8", "65"),
    "base": ("10", "16", "2", "36"),
    "plain": ("int", "str", "float", "bool", "list", "dict", "tuple"),
    "slice": ("1:", ":2", ":-1", "1:3", "::2", "::-1", "-2:", ":", "5:1", "3:0:-1", "-1:-4:-2"),
}


def without_known(table: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(one for one in found if one not in LEFT_OUT) for kind, found in table.items()}


LITERALS = without_known(LITERALS)
TEMPLATES = without_known(TEMPLATES)
