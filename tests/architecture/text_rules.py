"""What no file of the project may say; patterns are spelled so that they don't match themselves."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN = {
    "a package index": re.compile(
        r"pypi[.]|pythonhosted[.]|(registry[.]|\b)(npmjs|yarnpkg)[.]|crates[.]io|anaconda[.]org"
        r"|proxy[.]golang[.]|/artifactory[/]|/simple[/]?(?=[\s\"'`]|$)",
        re.IGNORECASE,
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.$}>*-])/(?:work|root|tmp|private|home/\w+|Users/\w+)(?=[/\s\"'`),;:]|$)"
        r"|\b[A-Z]:\\\w"
    ),
    "how it was made": re.compile(
        r"\b(?:in|of|by) (?:this|the (?:last|previous|next)) s[e]ssion\b|\bsub-?ag[e]nts?\b"
        r"|\bi[s]sue #?\d|\bt[i]ckets?\b|\bpull r[e]quests?\b|\bchat ?b[o]ts?\b"
        r"|\blanguage m[o]dels?\b|\b(?:L[L]M|ChatG[P]T|Cl[a]ude|Cop[i]lot)s?\b"
        r"|\bas (?:you )?(?:req[u]ested|inst[r]ucted|ask[e]d)\b|\bthe b[r]ief\b"
        r"|\bT[O]DO\b|\bFIX[M]E\b|\bX[X]X\b|\bh[a]ck\b",
        re.IGNORECASE,
    ),
}


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Line number, from 1, and what the line speaks of."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FORBIDDEN.items():
            if found := pattern.search(line):
                yield number, f"{what}: {found[0]}"


def ignored_names(gitignore: Path) -> list[str]:
    """Names of files and folders that are not part of the project."""
    lines = (line.strip() for line in gitignore.read_text(encoding="utf-8").splitlines())
    return [".git", *(line.strip("/") for line in lines if line and not line.startswith("#"))]


def project_files(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """Every file below a folder, without what git ignores."""
    for path in sorted(folder.iterdir()):
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from project_files(path, ignored)
        else:
            yield path


def text_of(path: Path) -> str | None:
    """What a file says; nothing for a binary one."""
    content = path.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="replace")
