"""Loads the projects of tests/golden/project with dbt and with project_dump, and
compares manifests and the lines of ls.

usage: project_diff.py PROJECT_DUMP GOLDEN_DIR [NAME]...
Runs in a Python with dbt-core 1.11 and dbt-confluent. Exit status 1 on differences.
"""

import contextlib
import functools
import io
import json
import multiprocessing
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import jsonschema
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.cli.main import dbtRunner
from dbt_artifacts_parser.parser import parse_manifest, parse_run_results

# What differs by nature: times, ids, texts of the macros that the program brings along.
IGNORED = {
    "created_at", "generated_at", "invocation_id", "invocation_started_at",
    "run_started_at", "root_path", "doc_blocks", "metadata", "macros", "docs",
}
# Leaks of dbt: a group takes over the config of the models' tree.
SKIPPED = ("/groups/",)


def unpack(golden, name, to):
    tree = os.path.join(golden, name)
    if os.path.isdir(tree):
        shutil.copytree(tree, to, dirs_exist_ok=True)
        return
    shutil.copytree(os.path.join(golden, "defaults"), to, dirs_exist_ok=True)
    out = None
    for line in open(os.path.join(golden, "cases", name + ".case"), encoding="utf-8"):
        if line.startswith("=== "):
            path = os.path.join(to, line[4:].rstrip("\n"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            out = open(path, "w", encoding="utf-8")
        else:
            out.write(line)
    if out:
        out.close()


def compare(theirs, ours, path, found):
    if len(found) > 20 or any(path.startswith(s) for s in SKIPPED):
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in theirs:
            if key in IGNORED:
                continue
            if key not in ours:
                found.append(f"{path}/{key} missing: {str(theirs[key])[:120]}")
            else:
                compare(theirs[key], ours[key], f"{path}/{key}", found)
        found += [f"{path}/{key} is extra" for key in ours if key not in theirs]
    elif isinstance(theirs, list) and isinstance(ours, list):
        # dbt makes sets of a column's tags, of group_map and of guessed keys
        loose = path.endswith(("/tags", "/primary_key")) or "/group_map/" in path
        if loose:
            theirs, ours = sorted(map(str, theirs)), sorted(map(str, ours))
        if len(theirs) != len(ours):
            found.append(f"{path}: dbt {theirs}, ours {ours}")
            return
        for i, (a, b) in enumerate(zip(theirs, ours)):
            compare(a, b, f"{path}/{i}", found)
    elif theirs != ours or type(theirs) is not type(ours):
        found.append(f"{path}: dbt {str(theirs)[:200]!r}, ours {str(ours)[:200]!r}")


def compare_macros(theirs, ours, found):
    """Those of the project and its packages; what they call, as far as both have it."""
    def own(macros):
        return {key: macro for key, macro in macros.items()
                if macro["package_name"] not in ("dbt", "dbt_confluent")}

    for macro in own(theirs).values():
        used = macro["depends_on"]["macros"]
        macro["depends_on"]["macros"] = [key for key in used if key in ours]
    compare(own(theirs), own(ours), "/macros", found)


def compare_lines(theirs, ours, query, found):
    """The answer to one ls; JSON lines are compared as values."""
    if theirs is None or ours is None or len(theirs) != len(ours):
        if theirs != ours:
            found.append(f"{query}: dbt {str(theirs)[:300]}, ours {str(ours)[:300]}")
        return
    for a, b in zip(theirs, ours):
        if a.startswith("{") and b.startswith("{"):
            a, b = json.loads(a), json.loads(b)
        compare(a, b, query, found)


def queries(folder):
    for line in open(os.path.join(folder, "queries"), encoding="utf-8"):
        line = line.rstrip("\n")
        if line and not line.startswith("#"):
            yield line


def options_of(folder):
    path = os.path.join(folder, "options")
    if not os.path.exists(path):
        return []
    return shlex.split(open(path).read())


def dbt(folder, target):
    """The manifest, and {query: lines or None}; None when the project is refused."""
    common = ["--profiles-dir", ".", "--target-path", target, "--log-path", target,
              "--no-partial-parse", "-q"] + options_of(folder)
    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        result = dbtRunner().invoke(["parse"] + common)
        if not result.success:
            return None, {}, str(result.exception)
        runner = dbtRunner(manifest=result.result)
        listed = runner.invoke(["ls"] + common)
        if not listed.success:
            return None, {}, str(listed.exception)
        answers = {}
        for line in queries(folder):
            words = [word.replace("~", " ") for word in line.split(" ")]
            listed = runner.invoke(["ls"] + words + common)
            answers[line] = list(listed.result) if listed.success else None
    with open(os.path.join(target, "manifest.json"), encoding="utf-8") as file:
        return json.load(file), answers, ""


def ours(dump, folder, target):
    run = subprocess.run(
        [dump, "--profiles-dir", ".", "--target-path", target, "--manifest",
         "--run-results"]
        + options_of(folder) + ["--batch", "queries"],
        cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    path = os.path.join(target, "manifest.json")
    if not os.path.exists(path):
        return None, {}, run.stdout
    answers, lines = {}, None
    for line in run.stdout.splitlines():
        if line.startswith("## "):
            lines = answers.setdefault(line[3:], [])
        elif line.startswith("error:"):
            answers[list(answers)[-1]] = None
            lines = None
        elif lines is not None and line and not line.startswith("warning:"):
            lines.append(line)
    with open(path, encoding="utf-8") as file:
        return json.load(file), answers, ""


@functools.cache
def validator(schema):
    return jsonschema.Draft202012Validator(schema.json_schema())


def validate(target, found):
    """Both artifacts against dbt's own schemas and through a reader from PyPI."""
    for name, schema, parse in (
        ("manifest.json", WritableManifest, parse_manifest),
        ("run_results.json", RunResultsArtifact, parse_run_results),
    ):
        path = os.path.join(target, name)
        with open(path, encoding="utf-8") as file:
            artifact = json.load(file)
        for error in list(validator(schema).iter_errors(artifact))[:5]:
            found.append(f"{name}: {list(error.path)[:6]}: {error.message[:200]}")
        try:
            parse(artifact)
            schema.read_and_check_versions(path)
        except Exception as error:  # whatever a reader raises is a finding
            found.append(f"{name}: {str(error)[:300]}")


def check(dump, golden, name):
    work = tempfile.mkdtemp()
    folder = os.path.join(work, "project")
    unpack(golden, name, folder)
    mine = ours(dump, folder, os.path.join(work, "ours"))
    os.chdir(folder)
    theirs = dbt(folder, os.path.join(work, "dbt"))
    os.chdir("/")
    found = []
    if (mine[0] is None) != (theirs[0] is None):
        found.append(f"dbt: {theirs[2][:300] or 'accepted'}\n  ours: {mine[2][:300] or 'accepted'}")
    elif mine[0] is not None:
        compare(theirs[0], mine[0], "", found)
        compare_macros(theirs[0]["macros"], mine[0]["macros"], found)
        validate(os.path.join(work, "ours"), found)
        for line, answer in theirs[1].items():
            compare_lines(answer, mine[1].get(line), line, found)
    elif os.environ.get("VERBOSE"):
        print(f"-- {name}\n   dbt: {theirs[2]}\n   ours: {mine[2]}")
    shutil.rmtree(work)
    return found


def main():
    dump, golden = (os.path.abspath(path) for path in sys.argv[1:3])
    names = sys.argv[3:] or sorted(
        [case[:-5] for case in os.listdir(os.path.join(golden, "cases"))
         if case.endswith(".case")]
        + [name for name in os.listdir(golden)
           if os.path.exists(os.path.join(golden, name, "queries")) and name != "defaults"])
    os.environ.update(DBT_SEND_ANONYMOUS_USAGE_STATS="False", GOLDEN_NAME="from_env",
                      GOLDEN_SECRET="hidden")
    validator(WritableManifest)
    validator(RunResultsArtifact)
    # One process each, forked with everything imported: dbt keeps its adapter and flags
    # in globals, and takes seconds to import.
    failed = 0
    with multiprocessing.get_context("fork").Pool(maxtasksperchild=1) as pool:
        found_in = pool.imap(functools.partial(check, dump, golden), names, chunksize=1)
        for name, found in zip(names, found_in):
            failed += bool(found)
            for line in found:
                print(f"{name}: {line}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
