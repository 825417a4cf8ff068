"""Compiles projects with dbt and writes what tests/tools/project_compile prints.

usage: record.py [-n] CASE...      (needs dbt-core 1.11 and dbt-confluent)

A CASE file holds a project: lines "--- PATH" begin its files. A file "needs" names
packages that must be checked out in $CFLOWSH_CACHE. The result goes to
CASE's name with ".expected"; with -n it is only compared, and differences make the
exit status 1. No endpoint is needed: nothing here introspects.
"""

import contextlib
import difflib
import io
import json
import os
import re
import shutil
import sys
import tempfile

PROJECT = "name: golden\nversion: '1.0'\nprofile: golden\n"


def unpack(case, directory):
    with open(case, newline="") as file:
        parts = re.split(r"^--- (.*)\n", file.read(), flags=re.M)
    files = {"dbt_project.yml": PROJECT}
    files.update(zip(parts[1::2], parts[2::2]))
    with open(os.path.join(os.path.dirname(case), "profiles.yml")) as file:
        files["profiles.yml"] = file.read()
    for path, text in files.items():
        path = os.path.join(directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as file:
            file.write(text)
    cache = os.path.join(os.environ.get("CFLOWSH_CACHE")
                         or os.path.expanduser("~/.cache/cflowsh"))
    for package in files.get("needs", "").split():
        if not os.path.isdir(os.path.join(cache, package)):
            return False
        shutil.copytree(os.path.join(cache, package),
                        os.path.join(directory, "dbt_packages", package))
    return True


def describe(node, out):
    out.write(f"{node['unique_id']}\n")
    out.write(f"  file: {node['original_file_path']}\n")
    out.write(f"  fqn: {'.'.join(node['fqn'])}\n")
    config = node["config"]
    out.write(f"  materialized: {config.get('materialized') or '-'}\n")
    out.write(f"  tags: {', '.join(node['tags']) or '-'}\n")
    out.write(f"  relation: {node.get('relation_name') or '-'}\n")
    depends = node.get("depends_on") or {}
    out.write(f"  nodes: {', '.join(depends.get('nodes') or []) or '-'}\n")
    macros = [m for m in depends.get("macros") or [] if not m.startswith(("macro.dbt.", "macro.dbt_confluent."))]
    out.write(f"  macros: {', '.join(macros) or '-'}\n")


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def run(directory, out):
    from dbt.cli.main import dbtRunner

    args = ["--no-partial-parse", "--no-send-anonymous-usage-stats", "--quiet", "compile",
            "--no-introspect", "--no-populate-cache", "--project-dir", directory,
            "--profiles-dir", directory]
    flags = os.path.join(directory, "flags")
    if os.path.exists(flags):
        args += open(flags).read().split()
    os.chdir(directory)
    with contextlib.redirect_stdout(io.StringIO()) as console:
        result = dbtRunner().invoke(args)
    target = os.path.join(directory, "target")
    manifest = os.path.join(target, "manifest.json")
    if os.path.exists(manifest):
        with open(manifest) as file:
            manifest = json.load(file)
        out.write("== nodes\n")
        nodes = {**manifest["nodes"], **manifest["sources"]}
        for unique_id in sorted(nodes, key=str.encode):
            describe(nodes[unique_id], out)
    files = []
    for folder, _, names in os.walk(os.path.join(target, "compiled")):
        files += [os.path.join(folder, name) for name in names]
    for path in sorted(files):
        out.write(f"== {os.path.relpath(path, directory)}\n")
        with open(path, newline="") as file:
            out.write(file.read() + "\n")
    if not result.success:
        out.write("== error\n")
        text = str(result.exception) if result.exception else plain(console.getvalue())
        if result.exception is None:
            for item in result.result or []:
                if str(item.status) == "error":
                    text = item.message
        out.write(text.strip() + "\n")


def main():
    names = sys.argv[1:]
    compare = names[:1] == ["-n"]
    failed = 0
    for case in [os.path.abspath(name) for name in names[compare:]]:
        path = re.sub(r"\.case$", ".expected", case)
        if compare and not os.path.exists(path):
            continue  # of something that dbt doesn't compile: unit tests
        expected = io.StringIO()
        with tempfile.TemporaryDirectory() as directory:
            if not unpack(case, directory):
                print(f"SKIP: {os.path.basename(case)} needs a package")
                continue
            run(directory, expected)
            text = expected.getvalue().replace(directory, "PROJECT")
        if not compare:
            with open(path, "w", newline="") as file:
                file.write(text)
            continue
        with open(path, newline="") as file:
            old = file.read()
        if old != text:
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(
                old.splitlines(True), text.splitlines(True), path, "dbt"))
    print(f"{len(names) - compare - failed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
