"""Times jinja_render's engine, Jinja2 and minijinja side by side and prints ratios.

    bench.py JINJA_BENCH [SECONDS]

Needs jinja2 and minijinja; a missing one is left out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def context():
    return {
        "users": [
            {
                "name": f"User Number {i}",
                "email": f"User{i}@Example.com",
                "age": 20 + i % 40,
                "active": i % 3 == 0,
                "tags": ["alpha", "beta", "gamma"][: 1 + i % 3],
            }
            for i in range(200)
        ],
        "a": 1,
        "b": "text",
    }


def measure(function, seconds):
    function()
    best = None
    for _ in range(3):
        rounds = 0
        start = time.process_time()
        while time.process_time() - start < seconds / 3:
            function()
            rounds += 1
        once = (time.process_time() - start) / rounds * 1e6
        best = once if best is None else min(best, once)
    return best


def jinja2_times(text, data, seconds):
    import jinja2.sandbox

    env = jinja2.sandbox.SandboxedEnvironment(
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], cache_size=0
    )
    template = env.from_string(text)
    render = measure(lambda: template.render(data), seconds)
    both = measure(lambda: env.from_string(text).render(data), seconds)
    return render, both, template.render(data)


def minijinja_times(text, data, seconds):
    import minijinja

    env = minijinja.Environment(templates={"t": text}, pycompat=True)
    render = measure(lambda: env.render_template("t", **data), seconds)
    both = measure(lambda: env.render_str(text, **data), seconds)
    return render, both, env.render_template("t", **data)


def our_times(bench, path, data, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(data, f)
        f.flush()
        best = None
        for _ in range(3):
            out = subprocess.run(
                [bench, path, f.name, str(seconds / 3)], capture_output=True, text=True, check=True
            ).stdout.split()
            times = float(out[0]), float(out[1])
            best = times if best is None else tuple(map(min, zip(best, times)))
    return best


def main():
    bench = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 1.5
    data = context()
    print(f"{'':10}{'render':>12}{'Jinja2 /':>11}{'minijinja /':>13}"
          f"{'parse+render':>15}{'Jinja2 /':>11}{'minijinja /':>13}")
    for name in ("loops", "macros", "text"):
        path = os.path.join(HERE, name + ".jinja")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        ours = our_times(bench, path, data, seconds)
        row = []
        for other in (jinja2_times, minijinja_times):
            try:
                row.append(other(text, data, seconds))
            except Exception as e:
                print(f"{other.__name__}: {type(e).__name__}: {str(e)[:200]}", file=sys.stderr)
                row.append((float("nan"), float("nan"), ""))
        print(f"{name:10}{ours[0]:10.1f}us{row[0][0] / ours[0]:10.1f}x{row[1][0] / ours[0]:12.1f}x"
              f"{ours[1]:13.1f}us{row[0][1] / ours[1]:10.1f}x{row[1][1] / ours[1]:12.1f}x")


if __name__ == "__main__":
    main()
