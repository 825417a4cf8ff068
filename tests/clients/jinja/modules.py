"""Runs dbt_render and dbt's own context on the same templates and compares the bytes.

    modules.py RENDERER [--show N]
"""

import argparse
import json
import sys

import compare
import reference
from dbt.context.base import BaseContext

CONTEXT = {
    "d": {"b": 1, "a": [1, 2.5, None, True], "c": {"x": "y: z"}},
    "l": [3, 1, 2, 3],
    "s": "one, two;three  four_5 Ünï 日本 x1y22\nLine TWO\n",
}

# ---- modules.re

PATTERNS = r"""
a a* a+? [a-c]+ (a)(b)? (?P<x>o)(?P<y>n)? \d+ \w+ \W+ \s+ \S+ \b\w \B. ^\w+ \w+$ (?m)^\w+$ (?i)LINE (?s)o.+T
(?x)o\ *n|#c (?:o|t)+ (?=o)\w+ (?<=x)\d (?!o)\w (?<!x)\d (?>o+) o++ o*+ (.)\1? (\w)(?P=x) (?P<x>\w)(?P=x)? \Aone \Z x\Z
[^a-z\s]+ []a]+ [^]a]+ [a\]]+ [\w-]+ [-a]+ [a-] [[:alpha:]]+ [a[b]+ [&&x] [\d.,]+ [\s,;]+ [\b] \x41 \u0041 \U00000041 \n \t \\ \. \- \_
o{2} o{1,} o{,2} o{,} o{} o{x} {2} o{2,1} o{99999999999} x{ * + ? | a** a+* a?? a*? a{2}{3} ^* $* \b* (a ( ) a) (?:a (?P<x (?P<> (?P<1>a) (?P<a-b>c) (?P<a>b)(?P<a>c)
(?P=zz) (?Pz) (?z) (?<x>a) (?'x'a) (?|a|b) (?R) (?1) (?&x) (?P>x) (?#comment)o (?#open (?i o(?i)n (?i:ONE) (?-i:ONE) (?i-s:O) (?i-:O) (?a)\w+ (?u)\w+ (?L)a (?ix)O\ ?N
(o)?(?(1)n|t) (?P<q>o)?(?(q)n|t) (?(2)a|b) (?(0)a) (?(x)a) \1 (o)\2 (o\1) \8 \08 \012 \0 \400 \377 \q \e \h \R \K \G \Q \E \X \C \p{L} \pL \N{BULLET} \c \z \i \x4 \x \u12 \
[ [a [] [z-a] [\w-z] [a-\d] [a-\x62]+ [\q] [\Z] [\1] [\012] [日-本]+ ü Ü(?i) (?i)ÜNÏ . .* .+ (|o) (o|) o|| ()() (a)|(o) ((o)n) (o(n)) (o)|(n)|e (?:(o)|(n))+ x*
\d{2,} (\d)(\d)? (?:\s*[,;]\s*) \$ [$] [.] [*+?] a|b|c ,|; [_\W]+ _+ (?P<first>\w+), (?P<n>\d)|(?P<w>t) ((((o)))) (?=(o))o (?:) (?=) (?!) [^\d\W]+ \D+ [\D\d] [\S]+ [^\S\n]+ é? 日 本|日 \A\Z
""".split("\n")

REPLACEMENTS = [
    "-", "", "[\\g<0>]", "\\1", "\\g<1>", "\\g<x>", "\\g<zz>", "\\g<", "\\g", "\\g<>",
    "\\g<1", "\\g<a-b>", "\\0", "\\n", "\\t|", "\\\\", "\\q", "\\.", "\\8", "\\99",
    "\\012", "\\400", "$1", "&", "é", "\\", "\\g<9>", "\\g< 1>", "\\1\\2", "\\g<1>0",
]

FLAGS = ["", ", r.I", ", r.M", ", r.S", ", r.X", ", r.I + r.M", ", flags=r.A", ", 2"]


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def regexes():
    patterns = [p for line in PATTERNS for p in line.split(" ") if p]
    patterns += ["a b", "(?x) o  n e # c", "a\n(", "o(?x) n", "( ?:a)", "a {2}", "\n*", "\\ ", "", "[ a]", "(?x)[ o]n", "o # n", "'", "\"", "\\'"]
    head = "{% set r = modules.re %}"
    for p in dict.fromkeys(patterns):
        q = quote(p)
        for call in ("findall", "search", "match", "fullmatch", "split"):
            yield head + "{{ r.%s(%s, s) }}" % (call, q)
        yield head + "{{ r.sub(%s, '<\\\\g<0>>', s) }}" % q
        yield head + "{{ r.subn(%s, '-', s, 2) }}" % q
        yield head + "{%% set m = r.search(%s, s) %%}{%% if m %%}{{ m.groups() }}{{ m.groups('?') }}{{ m.groupdict() }}{{ m.span() }}{{ m.start() }}{{ m.end() }}{{ m.lastindex }}{{ m.lastgroup }}{{ m.pos }}{{ m.endpos }}{{ m.string }}{{ m.re.pattern }}{{ m[0] }}{{ m.group() }}{{ m.group(0, 0) }}{%% endif %%}" % q
        yield head + "{%% for m in r.finditer(%s, s) %%}{{ m.span() }}{{ m[0] }}|{%% endfor %%}" % q
        yield head + "{%% set c = r.compile(%s) %%}{{ c.flags }}{{ c.groups }}{{ c.groupindex }}{{ c }}{{ c.findall(s, 3, 9) }}{{ c.search(s, 4) }}{{ c.match(s, pos=2) }}{{ c.sub('#', s) }}{{ c.split(s, 1) }}{{ c.fullmatch(s) }}" % q
    for p in (r"\w+", "^.", ".$", "o.t", "ONE", "(?i)ü", r"o \s # x", r"\W", "(o)(n)?"):
        for flags in FLAGS:
            yield head + "{{ r.findall(%s, s%s) }}" % (quote(p), flags)
            yield head + "{{ r.compile(%s%s) }}" % (quote(p), flags)
            yield head + "{{ r.split(%s, s, 1%s) }}" % (quote(p), flags)
            yield head + "{{ r.sub(%s, '_', s, 0%s) }}" % (quote(p), flags)
    for text in REPLACEMENTS:
        for p in ("(o)", "(?P<x>o)(n)?", "o", "(zzz)?"):
            yield head + "{{ r.sub(%s, %s, s) }}" % (quote(p), quote(text))
            yield head + "{%% set m = r.search(%s, s) %%}{{ m.expand(%s) }}" % (
                quote(p), quote(text))
    for args in (
        "'a'", "'a', s, 1, 2, 3, 4", "1, s", "none, s", "'a', 1", "'a', none", "'a', missing",
        "missing, s", "[], s", "'o', s, flags='x'", "'o', s, x=1", "pattern='o', string=s",
        "r.compile('o'), s", "r.compile('o'), s, r.I", "r.compile('O', r.I), s", "'o', s, -1",
    ):
        for call in ("findall", "search", "split", "match"):
            yield head + "{{ r.%s(%s) }}" % (call, args)
    for args in ("'o', 'x'", "'o', 1, s", "'o', none, s", "'o', 'x', s, 1", "'o', 'x', s, -1",
                 "'o', 'x', s, count=1", "'o', 'x', s, count='1'", "'o', m, s", "'o', n, s", "'x*', '-', 'abxd'",
                 "'o', repl='x', string=s, count=2", "'|o', '-', 'oo'", "'o', missing, s"):
        yield head + "{%% macro m(x) %%}<{{ x.group() }}>{%% endmacro %%}{%% set n = x %%}{{ r.sub(%s) }}" % args
    for expr in (
        "r.escape('a.b*c [x] é_1-2 #~&\\n')", "r.escape(1)", "r.escape('')", "r.I", "r.IGNORECASE + 0",
        "r.M + r.S", "r.NOFLAG + 0", "r.X + 0", "r.A + 0", "r.zzz", "r.purge()", "r.compile('a').match('b')",
        "r.compile('(a)(?P<n>b)').groupindex", "r.compile('a') == r.compile('a')", "r.search('(a)|(o)', s).span(1)",
        "r.search('(a)|(o)', s).group(1)", "r.search('(a)|(o)', s).group(3)", "r.search('(a)|(o)', s).group('x')",
        "r.search('(a)|(o)', s).start(1)", "r.search('(a)|(o)', s).start(9)", "r.search('o', s).x", "r.search('o', s)['x']",
        "r.search('o', s)[1]", "r.search('o', s)[0]", "r.search('zz', s)", "r.search('zz', s) is none",
        "r.search('o', s) is not none", "r.search('zz', s).group()", "r.match('(?P<a>o)', s).groupdict('x')",
        "r.match('(?P<a>o)(?P<b>z)?', s).groupdict('x')", "r.match('(?P<a>o)(?P<b>z)?', s).groupdict(default='y')",
        "r.findall('日', s)", "r.search('本', s).span()", "r.compile('本').search(s, 20).span()",
    ):
        yield head + "{{ %s }}" % expr


# ---- modules.datetime and modules.pytz

MOMENTS = [
    "dt.datetime(2024, 2, 29, 13, 5, 9, 1200)", "dt.datetime(2024, 12, 31)", "dt.datetime(1, 1, 1)",
    "dt.datetime(9999, 12, 31, 23, 59, 59, 999999)", "dt.datetime(2021, 1, 3, 0, 0, 1)",
    "dt.datetime(2024, 3, 10, 12, tzinfo=tz.utc)", "dt.datetime(2024, 3, 10, 12, tzinfo=dt.timezone.utc)",
    "dt.datetime(2024, 3, 10, 12, tzinfo=dt.timezone(dt.timedelta(hours=-5, minutes=-30)))",
    "dt.date(2024, 2, 29)", "dt.date(1999, 12, 31)", "dt.date(1, 1, 1)", "dt.time(13, 5, 9, 1200)", "dt.time()",
    "dt.time(23, 59, tzinfo=dt.timezone.utc)", "tz.timezone('Europe/Berlin').localize(dt.datetime(2024, 7, 1, 12))",
    "tz.utc.localize(dt.datetime(2024, 1, 1))",
]
DELTAS = [
    "dt.timedelta(1)", "dt.timedelta(days=-1)", "dt.timedelta(hours=25, minutes=61)", "dt.timedelta(0)",
    "dt.timedelta(microseconds=1)", "dt.timedelta(seconds=-1.5)", "dt.timedelta(weeks=2, milliseconds=5)",
    "dt.timedelta(days=1.5)", "dt.timedelta(100000000)", "dt.timedelta(1000000000)", "dt.timedelta('x')",
    "dt.timedelta(1, 2, 3, 4, 5, 6, 7)", "dt.timedelta(1, 2, 3, 4, 5, 6, 7, 8)", "dt.timedelta(foo=1)",
]
FORMATS = [
    "%Y-%m-%d %H:%M:%S", "%a %A %b %B %d %j", "%y %I %p %f %z %Z", "%U %W %w %u %V %G", "%c|%x|%X", "%%", "%",
    "%q", "%e %D %F %T %R %r %h %n%t", "%-d %-m", "%s", "", "é%Y", "%C %g %k %l %P", "%:z", "%E", "%5Y", "%_d",
]
PARSES = [
    ("2024-02-29 13:05:09", "%Y-%m-%d %H:%M:%S"), ("2024-02-30", "%Y-%m-%d"), ("24/1/2", "%y/%m/%d"),
    ("2024-01-01T00:00:00Z", "%Y-%m-%dT%H:%M:%S%z"), ("2024-01-01 +0530", "%Y-%m-%d %z"), ("1 Jan 2024", "%d %b %Y"),
    ("Monday 1 January 2024", "%A %d %B %Y"), ("12:30 PM", "%I:%M %p"), ("12:30 AM", "%I:%M %p"), ("2024 60", "%Y %j"),
    ("2024-01-01x", "%Y-%m-%d"), ("x", "%Y"), ("2024", "%Y%"), ("2024", "%q"), ("1.5", "%S.%f"), ("1.123456", "%S.%f"),
    ("1.1234567", "%S.%f"), ("2024 10 1", "%Y %W %w"), ("2024 10 1", "%G %V %u"), ("a%b", "a%%b"), ("  2024", " %Y"),
    ("2024-1-1", "%Y-%m-%d"), ("13", "%m"), ("32", "%d"), ("24", "%H"), ("99", "%y"), ("68", "%y"), ("69", "%y"),
    ("20240101", "%Y%m%d"), ("01/02/2024", "%x"), ("UTC", "%Z"), ("2024-01-01 +01:30:15", "%Y-%m-%d %z"), ("", ""),
    ("2024-01-01 12", "%Y-%m-%d"), ("Jan", "%B"), ("jan", "%b"), ("60", "%S"), ("61", "%S"), ("62", "%S"),
]
ATTRS = ("year month day hour minute second microsecond tzinfo fold date() time() timetz() weekday() isoweekday() isocalendar() "
         "isoformat() isoformat(' ') isoformat(sep='x') isoformat(timespec='minutes') isoformat('T','milliseconds') isoformat(timespec='x') "
         "toordinal() ctime() utcoffset() dst() tzname() timestamp() replace(year=2000) replace(day=30) replace(hour=25) "
         "replace(tzinfo=none) replace(1) astimezone(tz.utc) astimezone(tz.timezone('US/Eastern')) strftime('%Y') "
         "min max resolution nosuch strftime() strftime(1) __class__ isocalendar().week isocalendar()[1] replace(foo=1)").split(" ")


def moments():
    head = "{% set dt = modules.datetime %}{% set tz = modules.pytz %}"
    for v in MOMENTS:
        yield head + "{{ %s }}{{ [%s] }}" % (v, v)
        for a in ATTRS:
            yield head + "{{ (%s).%s }}" % (v, a)
        for f in FORMATS:
            yield head + "{{ (%s).strftime(%s) }}" % (v, quote(f))
        for d in DELTAS[:9]:
            yield head + "{{ %s + %s }}" % (v, d)
            yield head + "{{ %s - %s }}" % (v, d)
        for w in MOMENTS:
            yield head + "{{ %s - %s }}" % (v, w)
            yield head + "{{ %s < %s }}" % (v, w)
            yield head + "{{ %s == %s }}" % (v, w)
        for o in ("1", "'a'", "none"):
            for op in ("+", "-", "*", "<", "=="):
                yield head + "{{ %s %s %s }}" % (v, op, o)
        yield head + "{{ '{:%%Y|%%H}'.format(%s) }}{{ '%%s' %% %s }}{{ %s|string|length }}" % (v, v, v)
        yield head + "{{ %s|tojson }}" % v
        yield head + "{{ {%s: 1}[%s] }}" % (v, v)
    for v in DELTAS:
        yield head + "{{ %s }}{{ [%s] }}" % (v, v)
        for a in ("days", "seconds", "microseconds", "total_seconds()", "resolution", "hours", "nosuch"):
            yield head + "{{ (%s).%s }}" % (v, a)
        for w in DELTAS[:6]:
            for op in ("+", "-", "*", "/", "//", "%", "<", "=="):
                yield head + "{{ %s %s %s }}" % (v, op, w)
        for n in ("2", "-3", "0.5", "0", "1.7", "'a'", "none"):
            for op in ("*", "/", "//", "%", "+"):
                yield head + "{{ %s %s %s }}" % (v, op, n)
            yield head + "{{ %s * %s }}" % (n, v)
        yield head + "{{ -(%s) }}{{ (%s)|abs }}{{ 'y' if %s else 'n' }}" % (v, v, v)
    for text, fmt in PARSES:
        yield head + "{{ dt.datetime.strptime(%s, %s) }}" % (quote(text), quote(fmt))
    for expr in (
        "dt.datetime(2024, 13, 1)", "dt.datetime(2024, 2, 30)", "dt.datetime(0, 1, 1)", "dt.datetime(10000, 1, 1)", "dt.datetime()",
        "dt.datetime(2024)", "dt.datetime(2024, 1)", "dt.datetime('2024', 1, 1)", "dt.datetime(2024, 1, 1, 24)", "dt.datetime(2024, 1, 1, 1, 60)",
        "dt.datetime(2024, 1, 1, 1, 1, 60)", "dt.datetime(2024, 1, 1, microsecond=1000000)", "dt.datetime(2024, 1, 1, tzinfo=1)",
        "dt.datetime(2024.5, 1, 1)", "dt.datetime(year=2024, month=1, day=2)", "dt.datetime(2024, 1, 1, foo=1)", "dt.date()", "dt.date(2024, 1)",
        "dt.date(2024, 1, 1, 1)", "dt.date('x', 1, 1)", "dt.date(2024, 0, 1)", "dt.time(24)", "dt.time(1, 2, 3, 4, none)", "dt.time('x')",
        "dt.datetime.fromisoformat('2024-01-01')", "dt.datetime.fromisoformat('2024-01-01T01:02:03.004+05:00')", "dt.datetime.fromisoformat('x')",
        "dt.datetime.fromisoformat('20240101T010203Z')", "dt.datetime.fromisoformat('2024-W01-1')", "dt.date.fromisoformat('2024-02-29')",
        "dt.date.fromisoformat('2024-02-30')", "dt.date.fromisoformat('x')", "dt.time.fromisoformat('04:05')", "dt.time.fromisoformat('x')",
        "dt.datetime.fromtimestamp(0, tz.utc)", "dt.datetime.utcfromtimestamp(86400.5)", "dt.datetime.fromtimestamp(1e18, tz.utc)", "dt.date.fromordinal(730000)",
        "dt.datetime.fromordinal(1)", "dt.date.fromordinal(0)", "dt.date.fromisocalendar(2024, 10, 1)", "dt.datetime.combine(dt.date(2024,1,1), dt.time(1,2))",
        "dt.datetime.combine(1, 2)", "dt.datetime.min", "dt.datetime.max", "dt.date.min", "dt.time.max", "dt.timedelta.max", "dt.MINYEAR", "dt.MAXYEAR",
        "dt.timezone.utc", "[dt.timezone.utc]", "dt.timezone(dt.timedelta(hours=2))", "[dt.timezone(dt.timedelta(hours=2), 'X')]", "dt.timezone(1)",
        "dt.timezone(dt.timedelta(hours=24))", "tz.timezone('Europe/Berlin')", "[tz.timezone('Europe/Berlin')]", "tz.timezone('Nope/Zone')", "tz.timezone('UTC')", "tz.utc", "[tz.utc]",
        "tz.timezone('Europe/Berlin').zone", "tz.timezone('US/Eastern').localize(dt.datetime(2024, 11, 3, 1, 30))", "tz.timezone('US/Eastern').localize(dt.datetime(2024, 11, 3, 1, 30), is_dst=true)",
        "tz.timezone('US/Eastern').normalize(tz.timezone('US/Eastern').localize(dt.datetime(2024, 3, 9, 12)) + dt.timedelta(1))", "tz.timezone('US/Eastern').localize(dt.datetime(2024, 7, 1)).tzinfo",
        "tz.timezone('Asia/Kolkata').utcoffset(dt.datetime(2024, 1, 1))", "tz.timezone(1)", "tz.timezone('europe/berlin')", "tz.UTC", "tz.country_names", "dt.nosuch", "dt.datetime.nosuch",
        "dt.datetime.strptime('2024')", "dt.datetime.strptime(1, '%Y')", "dt.datetime.now() > dt.datetime(2020, 1, 1)", "dt.date.today() > dt.date(2020, 1, 1)", "dt.datetime.utcnow() > dt.datetime(2020, 1, 1)",
        "dt.datetime.now(tz.utc) > dt.datetime(2020, 1, 1, tzinfo=tz.utc)", "dt.datetime.today().year > 2020", "(dt.date(2024, 3, 1) - dt.date(2024, 2, 1)).days", "range((dt.date(2024,3,1)-dt.date(2024,2,1)).days)|length",
        "dt.datetime(2024, 1, 1) is string", "dt.datetime(2024, 1, 1) is mapping", "dt.date(2024, 1, 1) in [dt.date(2024, 1, 1)]", "[dt.date(2024, 1, 2), dt.date(2024, 1, 1)]|sort", "[dt.date(2024, 1, 2), dt.date(2024, 1, 1)]|min",
    ):
        yield head + "{{ %s }}" % expr


# ---- functions

ARGUMENTS = [
    "'{\"a\": [1, 2.50, null, true]}'", "'[1,'", "''", "none", "missing", "1", "'a: 1\\nb: [x, 2.5, ~, yes, 0o7, 1_000]'", "'- a\\n- b: c'", "'a: &x 1\\nb: *x'",
    "d", "l", "s", "[]", "{}", "'é日'", "(1, 2)", "range(3)", "{1: 2}", "{none: 1}", "{(1,2): 3}", "[1, [2]]", "true", "1.5", "1e20", "'1'", "'NaN'", "'{\"a\": NaN}'", "'2024-01-01'",
    "'2024-01-01 12:00:00'", "'a: b: c'", "'!!python/object:x {}'", "'[a, b'", "'{a: 1, a: 2}'", "'{\"a\":1,\"a\":2}'", "'\"\\\\ud83d\\\\ude00\"'", "'null'", "'~'", "'01'", "'1e3'", "'.inf'", "'a\\tb'", "'<b>'", "{'b': 1, 'a': 2}", "{'k': 'multi\\nline'}", "{'k': 'x: y'}", "{'k': ''}", "{'k': 'yes'}", "{'k': '1'}", "{'k': none}", "['- a', '#b', ' c ', 'd:', '@e', '%f', '!g', '*h', '&i', '|', '>', '\"', \"'\"]",
]


def functions():
    for call in ("fromjson", "tojson", "fromyaml", "toyaml", "local_md5", "set", "set_strict", "zip", "zip_strict"):
        for a in ARGUMENTS:
            # sets have another order in every run of Python
            wrap = "%s|map('string')|sort" if call.startswith("set") else "%s"
            if call.startswith("zip"):
                wrap = "%s|list"
            yield "{{ %s }}" % (wrap % ("%s(%s)" % (call, a)))
            yield "{{ %s }}" % (wrap % ("%s(%s, 'dflt')" % (call, a)))
            if call in ("tojson", "toyaml"):
                yield "{{ %s(%s, sort_keys=true) }}" % (call, a)
            if call.startswith("zip"):
                yield "{{ %s(%s, l)|list }}" % (call, a)
                yield "{{ %s(l, %s, default=9) }}" % (call, a)
        yield "{{ %s() }}" % call
        yield "{{ %s(1, 2, 3, 4) }}" % call
        yield "{{ %s(nosuch=1) }}" % call


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("renderer")
    parser.add_argument("--show", type=int, default=20)
    args = parser.parse_args()
    for env in (reference.ENV, reference.NATIVE):
        env.globals.update(
            {
                k: v
                for k, v in BaseContext({}).to_dict().items()
                if k in ("fromjson", "fromyaml", "local_md5", "modules", "set", "set_strict", "tojson", "toyaml", "zip", "zip_strict")
            }
        )
    requests = []
    for kind, templates in (("re", regexes()), ("time", moments()), ("func", functions())):
        for template in dict.fromkeys(templates):
            requests.append({"id": f"{kind}{len(requests)}", "source": template, "context": CONTEXT})
    sys.exit(compare.judge(requests, args.renderer, args.show))


if __name__ == "__main__":
    main()
