"""Installs packages with dbt and with cflowsh and compares what comes of it.

usage: deps_diff.py CFLOWSH
Runs in a Python with dbt-core 1.11. Serves a hub on loopback: its index, what it says
of each package, tarballs. Exit status 1 on differences.
"""

import contextlib
import http.server
import io
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import threading

# name → version → (dbt versions that it is for, packages that it asks for)
HUB = {
    "acme/base": {"0.9.0": ([], []), "1.0.0": ([], []), "1.1.0": ([], []),
                  "1.2.0-rc1": ([], []), "1.2.0-rc2": ([], []), "1.2.0-rc10": ([], []),
                  "2.0.0": ([">=1.0.0", "<2.0.0"], []), "3.0.0": ([">=2.0.0"], [])},
    "acme/mid": {"1.0.0": ([], [{"package": "acme/base", "version": [">=1.0.0", "<2.0.0"]}]),
                 "1.1.0": ([], [{"package": "acme/base", "version": "1.0.0"}])},
    "acme/top": {"1.0.0": ([], [{"package": "acme/mid", "version": ["1.0.0", "1.0.0"]},
                               {"package": "acme/leaf", "version": "0.1.0"}])},
    "acme/leaf": {"0.1.0": ([], [])},
    "acme/ring": {"1.0.0": ([], [{"package": "acme/gnir", "version": "1.0.0"}])},
    "acme/gnir": {"1.0.0": ([], [])},
    "acme/moved": {"1.0.0": ([], [])},
}

CASES = {
    "exact": "- {package: acme/base, version: 1.0.0}",
    "newest": "- {package: acme/base, version: ['>=0.9.0', '<3.0.0']}",
    "range": "- {package: acme/base, version: ['>=0.9.0', '<1.1.0']}",
    "candidates": "- {package: acme/base, version: ['>=1.1.0', '<2.0.0'],"
                  " install_prerelease: true}",
    "candidate": "- {package: acme/base, version: 1.2.0-rc1}",
    "below_candidate": "- {package: acme/base, version: ['>1.0.0', '<1.2.0'],"
                       " install_prerelease: true}",
    "incompatible": "- {package: acme/base, version: 3.0.0}",
    "none": "- {package: acme/base, version: ['>=7.0.0', '<8.0.0']}",
    "contradiction": "- {package: acme/base, version: ['>1.0.0', '<0.9.0']}",
    "not_a_version": "- {package: acme/base, version: latest}",
    "unknown": "- {package: acme/nothing, version: 1.0.0}",
    "no_namespace": "- {package: base, version: 1.0.0}",
    "no_version": "- {package: acme/base}",
    "transitive": "- {package: acme/top, version: 1.0.0}",
    "narrowed": "- {package: acme/base, version: ['>=0.9.0', '<3.0.0']}\n"
                "- {package: acme/mid, version: 1.0.0}",
    "conflict": "- {package: acme/base, version: 2.0.0}\n"
                "- {package: acme/mid, version: 1.0.0}",
    "twice": "- {package: acme/base, version: '>=1.0.0'}\n"
             "- {package: acme/base, version: 1.1.0}",
    "redirect": "- {package: acme/moved, version: 1.0.0}",
    "jinja": "- {package: \"acme/{{ 'base' }}\", version: \"{{ var('v', '1.0.0') }}\"}",
    "local": "- {local: ../near}\n- {package: acme/leaf, version: 0.1.0}",
    "local_missing": "- {local: ../nowhere}",
    "git": "- {git: \"file://WORK/repo\", revision: v1}\n- {local: ../near}",
    "git_head": "- {git: \"file://WORK/repo\", warn-unpinned: false}",
    "git_branch": "- {git: \"file://WORK/repo\", revision: side}",
    "git_subdirectory": "- {git: \"file://WORK/repo\", revision: v1, subdirectory: inner}",
    "git_conflict": "- {git: \"file://WORK/repo\", revision: v1}\n"
                    "- {git: \"file://WORK/repo.git\", revision: side}",
    "git_no_revision": "- {git: \"file://WORK/repo\", revision: nope}",
    "git_missing": "- {git: \"file://WORK/nothing\", revision: v1}",
    "same_name": "- {local: ../near}\n- {local: ../twin}",
    "named_as_root": "- {local: ../root}",
}


class Hub(http.server.BaseHTTPRequestHandler):
    def answer(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        path = self.path
        if path == "/api/v1/index.json":
            return json.dumps(list(HUB)).encode()
        match = re.fullmatch(r"/api/v1/(\w+/\w+)\.json", path)
        if match and match[1] in HUB:
            name = match[1].split("/")[1]
            told = {"name": name, "namespace": "acme", "versions": {
                version: {"name": name, "version": version, "packages": packages,
                          "require_dbt_version": dbt, "downloads": {
                              "tarball": f"{base}/{name}/{version}.tar.gz"}}
                for version, (dbt, packages) in HUB[match[1]].items()}}
            if name == "moved":
                told.update(redirectnamespace="other", redirectname="place")
            return json.dumps(told).encode()
        match = re.fullmatch(r"/(\w+)/(.+)\.tar\.gz", path)
        return tarball(*match.groups()) if match else None

    def do_GET(self):
        body = self.answer()
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def project(name, version):
    return f"name: {name}\nversion: '{version}'\nprofile: p\n"


def tarball(name, version):
    out = io.BytesIO()
    text = project(name, version).encode()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo(f"{name}-{version}/README.md"))
        info = tarfile.TarInfo(f"{name}-{version}/dbt_project.yml")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    return out.getvalue()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def package(folder, name, version="1.0", packages=""):
    write(os.path.join(folder, "dbt_project.yml"), project(name, version))
    if packages:
        write(os.path.join(folder, "packages.yml"), "packages:\n" + packages)


def surroundings(work):
    package(f"{work}/near", "near", packages="- {local: ../deeper}\n")
    package(f"{work}/deeper", "deeper")
    package(f"{work}/twin", "near")
    package(f"{work}/root", "shop")
    package(f"{work}/repo", "far", packages="- {local: ../deeper}\n")
    package(f"{work}/repo/inner", "inner")

    def git(*args):
        subprocess.run(["git", "-C", f"{work}/repo", "-c", "user.name=t", "-c",
                        "user.email=t@t.test", *args], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("tag", "v1")
    git("checkout", "-q", "-b", "side")
    package(f"{work}/repo", "far", "2.0")
    git("commit", "-q", "-a", "-m", "two")
    git("checkout", "-q", "main")


def result(folder, success):
    """What a user finds afterwards: the lock file, and each package's project file."""
    if not success:
        return None
    lock = os.path.join(folder, "package-lock.yml")
    found = {"lock": open(lock).read() if os.path.exists(lock) else None}
    packages = os.path.join(folder, "dbt_packages")
    for name in sorted(os.listdir(packages) if os.path.isdir(packages) else []):
        found[name] = open(os.path.join(packages, name, "dbt_project.yml")).read()
    return found


def dbt(folder, pipe):
    from dbt.cli.main import dbtRunner

    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        ran = dbtRunner().invoke(["deps", "--project-dir", folder, "--profiles-dir",
                                  folder, "--no-send-anonymous-usage-stats", "-q"])
    pipe.send((result(folder, ran.success), str(ran.exception or "")))


def with_dbt(folder):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=dbt, args=(folder, theirs))
    process.start()
    theirs.close()
    answer = ours.recv()
    process.join()
    return answer


def with_cflowsh(program, folder):
    run = subprocess.run([program, "-X", "-C", folder, "-c", "\\deps"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result(folder, run.returncode == 0), run.stdout


def check(program, work, name):
    found = []
    answers = []
    for who in ("dbt", "ours"):
        folder = f"{work}/{who}"
        subprocess.run(["rm", "-rf", folder], check=True)
        package(folder, "shop")
        write(f"{folder}/packages.yml",
              "packages:\n" + CASES[name].replace("WORK", work) + "\n")
        answers.append(with_dbt(folder) if who == "dbt" else with_cflowsh(program, folder))
    (theirs, their_text), (ours, our_text) = answers
    if (theirs is None) != (ours is None):
        found.append(f"dbt: {their_text[:300] or 'installed'}\n  ours: {our_text[:300]}")
    elif theirs is None:
        if os.environ.get("VERBOSE"):
            print(f"-- {name}\n   dbt: {their_text}\n   ours: {our_text}")
    else:
        found += [f"{key}: dbt {theirs.get(key)!r}\n  ours {ours.get(key)!r}"
                  for key in {*theirs, *ours} if theirs.get(key) != ours.get(key)]
    return found


def main():
    program = os.path.abspath(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["DBT_PACKAGE_HUB_URL"] = f"http://127.0.0.1:{server.server_port}/"
    import dbt.cli.main  # once, before forking
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        surroundings(work)
        for name in sys.argv[2:] or CASES:
            found = check(program, work, name)
            failed += bool(found)
            for line in found:
                print(f"{name}: {line}", flush=True)
    print(f"{len(sys.argv[2:] or CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
