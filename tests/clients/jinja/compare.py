"""Runs jinja_render and the reference on the same templates and compares the bytes.

    compare.py RENDERER [--random N] [--seed N] [--show N] [--record FILE]

Errors are compared by type, message and line. Exit status 1 when fewer than 99 % of the
templates give the same. --record writes the reference's answers for the templates that
are not random, as the golden file of `make check`.
"""

import argparse
import json
import re
import subprocess
import sys

import cases
import reference

# What differs between two runs of Python itself.
UNSTABLE = re.compile(r" at 0x[0-9a-f]+|<generator object|<function|<bound method|<built-in")


def run(renderer, requests):
    text = "".join(json.dumps(r) + "\n" for r in requests)
    done = subprocess.run([renderer], input=text, capture_output=True, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"{renderer} ended with {done.returncode}\n{done.stderr[-2000:]}")
    return {a["id"]: a for a in map(json.loads, done.stdout.splitlines())}


def same(want, got):
    if got is None:
        return "nothing"
    if "error" in want and "error" in got:
        a, b = want["error"], got["error"]
        if a["type"] != b["type"]:
            return "type"
        if a["line"] != b["line"]:
            return "line"
        return "" if a["message"] == b["message"] else "message"
    return "" if want.get("output", 0) == got.get("output", 1) else "output"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("renderer")
    parser.add_argument("--random", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--record")
    parser.add_argument("--kind", default="")
    args = parser.parse_args()

    requests = []
    for kind, items in (
        ("hand", cases.handwritten()),
        ("table", cases.tables()),
        ("random", cases.generated(args.random, args.seed)),
    ):
        for item in items:
            item["id"] = f"{kind}{len(requests)}"
            requests.append(item)
    sys.exit(judge(requests, args.renderer, args.show, args.kind, args.record))


def judge(requests, renderer, show, kind="", recording=None):
    """Compares all, shows the first that differ; the exit status."""
    wanted = {r["id"]: reference.render(json.loads(json.dumps(r))) for r in requests}
    requests = [
        r
        for r in requests
        if not UNSTABLE.search(wanted[r["id"]].get("output", ""))
        and not UNSTABLE.search(wanted[r["id"]].get("error", {}).get("message", ""))
    ]
    got = run(renderer, requests)
    counts = {}
    shown = 0
    for r in requests:
        difference = same(wanted[r["id"]], got.get(r["id"]))
        counts[difference or "same"] = counts.get(difference or "same", 0) + 1
        if difference and shown < show and difference.startswith(kind):
            shown += 1
            print(f"--- {r['id']} ({difference}): {r['source']!r}")
            print(f"  want {wanted[r['id']].get('error') or wanted[r['id']].get('output')!r}")
            answer = got.get(r["id"]) or {}
            print(f"  got  {answer.get('error') or answer.get('output')!r}")
    if recording:
        record(recording, requests, wanted, got)
    total = len(requests)
    good = counts.get("same", 0) + counts.get("message", 0)
    print(f"{total} templates, {100 * good / total:.2f} % the same, {counts}")
    return 0 if good >= 0.99 * total else 1


def record(path, requests, wanted, got):
    """Every hand-written case, and of the tables what is not like its neighbours."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps({"context": cases.CONTEXT}) + "\n")
        for i, r in enumerate(requests):
            if r["id"].startswith("random"):
                continue
            if r["id"].startswith("table") and i % 4 != 0:
                continue
            if same(wanted[r["id"]], got.get(r["id"])) not in ("", "message"):
                continue
            line = {"source": r["source"]}
            if r.get("native"):
                line["native"] = True
            line.update({k: v for k, v in wanted[r["id"]].items() if k != "id"})
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
