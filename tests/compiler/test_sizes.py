import gzip
from pathlib import Path

from capsule.compiler.sizes import sizes

MAIN = "import './modules/a.js';\nexport * from './modules/b.js';\nexport const s = 'import ./no.js';\n"


def test_an_entry_counts_with_all_that_it_imports_once(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    texts = {
        "main.js": MAIN,
        "modules/a.js": "import {x} from './b.js';\n",
        "modules/b.js": "import * as a from './a.js';\n",
        "modules/unused.js": "1;\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    [size] = sizes(tmp_path, ["main.js", "capsule.js"])
    loaded = [text.encode() for name, text in texts.items() if "unused" not in name]
    assert size.files == 3
    assert size.raw == sum(map(len, loaded))
    assert size.gzip == sum(len(gzip.compress(one, 9, mtime=0)) for one in loaded)
    assert str(size).split() == [
        str(tmp_path / "main.js"),
        "3",
        "files",
        str(size.raw),
        "B",
        str(size.gzip),
        "B",
        "gzip",
    ]
