"""Make the files that the demo delivers, and what is to come out of them.

    python demo/make_fixtures.py [FOLDER]

Writes `landing/`, `corrections/` and `expected.json` into the folder, which is `demo/` itself
unless another one is named. It reads no clock and no random source: the same code makes the same
files. README.md says what is planted where.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from making.deliveries import SIDECAR, Delivery
from making.first_wave import first_wave
from making.reckoning import expect
from making.second_wave import second_wave
from making.world import make_world

WAVES = {1: "landing", 2: "corrections"}


def make(folder: Path) -> list[Delivery]:
    """Write all files into a folder, replacing those of an earlier time."""
    world = make_world()
    first = first_wave(world)
    files = [*first, *second_wave(world, first)]
    for name in WAVES.values():
        shutil.rmtree(folder / name, ignore_errors=True)
    for file in files:
        target = folder / WAVES[file.wave] / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content())
        sidecar = file.sidecar()
        if sidecar:
            target.with_name(target.name + SIDECAR).write_bytes(sidecar)
    text = json.dumps(expect(files, world.cases), ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")
    return files


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    made = make(target)
    print(f"{len(made)} files with {sum(len(file.rows) for file in made)} rows in {target}")
