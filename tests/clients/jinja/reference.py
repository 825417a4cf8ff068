"""Renders templates as dbt's Jinja2 does: the reference for jinja_render.

Reads the same JSON lines and writes the same answers. Needs Jinja2 only.
"""

import ast
import json
import sys
from itertools import chain, islice

import jinja2
import jinja2.nativetypes
import jinja2.sandbox

EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.loopcontrols"]


class NativeSandbox(jinja2.sandbox.SandboxedEnvironment):
    code_generator_class = jinja2.nativetypes.NativeCodeGenerator


def native_concat(nodes):
    """dbt's: a single part keeps its type, several become text."""
    head = list(islice(nodes, 2))
    if not head:
        return ""
    if len(head) == 1:
        return head[0]
    return "".join(str(v) for v in chain(head, nodes))


ENV = jinja2.sandbox.SandboxedEnvironment(extensions=EXTENSIONS)
NATIVE = NativeSandbox(extensions=EXTENSIONS)


def error_line(exc):
    if isinstance(exc, jinja2.TemplateSyntaxError):
        return exc.lineno
    line = None
    tb = exc.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == "<template>":
            line = tb.tb_lineno
        tb = tb.tb_next
    return line


def render(request):
    try:
        if request.get("native"):
            template = NATIVE.from_string(request["source"])
            context = template.new_context(request.get("context") or {})
            try:
                value = native_concat(template.root_render_func(context))
            except Exception:
                NATIVE.handle_exception()
            return {"id": request["id"], "output": repr(value)}
        template = ENV.from_string(request["source"])
        text = template.render(request.get("context") or {})
        return {"id": request["id"], "output": text}
    except Exception as exc:  # everything that a template can raise
        message = exc.message if isinstance(exc, jinja2.TemplateError) else str(exc)
        return {
            "id": request["id"],
            "error": {
                "type": type(exc).__name__,
                "message": message,
                "line": error_line(exc),
            },
        }


def main():
    for line in sys.stdin:
        print(json.dumps(render(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
