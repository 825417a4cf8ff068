"""Test templates: written by hand, put together from tables, and random ones."""

import random

CONTEXT = {
    "n": 42, "zero": 0, "neg": -7, "f": 3.75, "big": 2**70, "t": True, "no": False,
    "none": None, "s": "Hello World", "empty": "", "uni": "Grüße, Ωmega ß 日本",
    "html": "<b class=\"x\">a & b's</b>", "ml": "one\ntwo\n\n  three\n",
    "words": "the quick brown fox jumps over the lazy dog",
    "l": [3, 1, 2], "names": ["bob", "Alice", "carol", "Dave"], "el": [],
    "mixed": [1, "a", None, True, 2.5, [1], {"k": 1}], "nested": [[1, 2], [3], []],
    "d": {"a": 1, "b": "two", "c": [1, 2]}, "ed": {}, "sortme": {"b": 1, "a": 2, "C": 0},
    "users": [
        {"name": "john", "age": 30, "tags": ["x", "y"], "addr": {"city": "Rome"}},
        {"name": "Jane", "age": 25, "tags": [], "addr": {"city": "Oslo"}},
        {"name": "bob", "age": 30, "tags": ["z"], "addr": {"city": "Rome"}},
    ],
    "floats": [0.1, 2.5, 1e20, 1e-7, 100.0, -0.0], "numstr": "12.50", "sp": "  pad\t ",
    "path": "a/b/c.txt", "pct": "100% {x}", "under": "snake_case_name", "quote": "it's \"q\"",
}

VALUES = [
    "n", "zero", "neg", "f", "big", "t", "none", "s", "empty", "uni", "html", "ml",
    "l", "names", "el", "mixed", "nested", "d", "ed", "users", "floats", "numstr", "sp",
    "missing", "range(3)", "(1, 2)", "()", "words", "under",
]

FILTERS = """
abs|attr('a')|attr('upper')|batch(2)|list|batch(3, 'x')|list|capitalize|center(20)|count
d('D')|default('D')|default('D', true)|dictsort|dictsort(true)|dictsort(false, 'value')
dictsort(reverse=true)|e|escape|filesizeformat|filesizeformat(true)|first|float|float(1.5)
forceescape|groupby('age')|groupby('addr.city')|indent|indent(2, true)|indent(3, blank=true)
indent('> ')|int|int(7)|int(default=3)|join|join(', ')|join('-', 'name')
join(attribute='age')|last|length|list|lower|items|list|map('string')|list
map('upper')|list|map(attribute='name')|list|map(attribute='zip', default='?')|list
map('default', 'x')|list|min|max|min(attribute='age')|max(true)|pprint|reject|list
reject('string')|list|rejectattr('tags')|list|replace('o', '0')|replace('l', 'L', 1)
replace('', '-')|reverse|list|round|round(1)|round(1, 'floor')|round(2, 'ceil')|safe|select|list
select('odd')|list|select('string')|list|selectattr('age', 'eq', 30)|list
selectattr('name')|list|slice(2)|list|slice(3, '-')|list|sort|sort(true)|sort(attribute='age')
sort(case_sensitive=true)|sort(attribute='age,name')|string|striptags|sum|sum(start=10)
sum('age')|title|trim|trim('H')|truncate(9)|truncate(9, true)|truncate(5, true, '')|truncate(11, false, '..', 0)
unique|list|unique(true)|list|unique(attribute='age')|list|upper|urlencode|wordcount
wordwrap(10)|wordwrap(7, false)|wordwrap(5, true, '|')|xmlattr|tojson|tojson(2)|tojson(indent=1)
format(1)|format('a', 'b')|random|string|length
"""

TESTS = """
defined undefined none boolean false true integer float number string mapping iterable sequence
callable sameas(none) sameas(true) lower upper odd even divisibleby(3) escaped in(l) in('Hello')
eq(42) ne(42) gt(1) ge(42) lt(10) le(3) equalto('two') greaterthan(2) lessthan(5) filter test
not+defined not+none
"""

METHODS = {
    "str": """upper() lower() title() capitalize() swapcase() casefold() strip() lstrip() rstrip()
      strip('Hd') split() split(' ') split('o', 1) rsplit('o', 1) rsplit(None,1) splitlines() splitlines(true) replace('l','L') replace('l','L',1)
      find('o') find('zz') rfind('o') index('o') index('zz') count('l') count('') startswith('He')
      startswith(('a','He')) endswith('ld') endswith('x') join(['a','b']) join('abc') join([1]) center(20) center(20,'*')
      ljust(15) rjust(15,'.') zfill(15) partition(' ') rpartition('o') partition('zz') expandtabs(4)
      isalpha() isdigit() isalnum() isspace() isupper() islower() istitle() isnumeric() isdecimal() isidentifier()
      isascii() isprintable() removeprefix('He') removesuffix('ld') format(1,a=2) encode find('o',5) split(maxsplit=1) nosuch nosuch() __class__ _x""",
    "list": """append(9) extend([8,7]) insert(1,'x') pop() pop(0) remove(1) remove(99) index(2) index(99) count(1)
      sort() sort(reverse=true) reverse() copy() clear() pop(99) nosuch __len__ insert(-1,0) insert(99,0) index(1,1)""",
    "dict": """get('a') get('zz') get('zz',5) items() keys() values() pop('a') pop('zz') pop('zz',1) setdefault('a',3)
      setdefault('q',3) update({'z':1}) update(z=1) copy() clear() popitem() a zz __class__ get get() items|list keys()|list values()|list""",
    "tuple": "count(1) index(2) index(9) append(1)",
    "int": "real imag bit_length() numerator denominator nosuch is_integer()",
    "float": "real is_integer() nosuch imag",
}

OPERANDS = ["n", "zero", "neg", "f", "big", "t", "none", "s", "empty", "l", "d", "(1, 2)",
            "missing", "2", "-3", "0.5", "'ab'", "[1]"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=",
             "in", "not in", "and", "or"]

LITERALS = r"""
1_000 0x1F 0b101 0o17 1.5e3 1e5 1.e5 1E-3 0 00 0_0 01 1__0 1_ .5 5. 123456789012345678901234567890
'a' "b" 'it''s' "a" 'b' 'a\nb' 'a\\b' 'a\'b' '\x41' '\u00e9' '\U0001F600' '\N{BULLET}' '\q' '\101' '\xZZ' '\u12' '\
[] [1,] [1,2] [1 2] {} {'a':1} {'a':1,} {'a':1,'a':2} {1:2} {[1]:2} () (1,) (1) (1,2) 1,2 1, true True TRUE none None
none.x none.x.y missing.x missing['x'] missing() -1 --1 +1 -'a' not 1 not not 1 -2**2 2**-1 2**3**2
1+2~3 1~2+3 -1|abs 1 if false 1 if true else 2 (1 if false) is defined 1 < 2 < 3 1 < 3 < 2 1 == 1.0 1 in [1] 'a' in 'abc' 1 in 'a'
l[0] l[-1] l[9] l[1:] l[:1] l[::2] l[::-1] l[0:9:0] s[0] s[-1] s[2:5] s[::-1] d['a'] d.a d['zz'] d.items d['items'] d[1:2]
l.0 l.0.1 nested.0.1 s.0 n.x f.5 l['0'] d[none] users[0].name users.0.name users[-1]['addr'].city
foo.bar.baz foo|default('x') foo.bar|default('x') 1|upper 'a'|nosuch 1 is nosuch 1 is odd is even
x = 1 {{ }} 1 2 a b ] ) } ( [ { ! $ ? @ # a..b a. .a |upper 'a'| 'a'|upper() 'a'|upper(1) f(x= f(**d) f(*l) range(1,2,3,4) range('a') range(0,10,0)
range(200000) range(-3) range(3)|list range(10,0,-3)|list dict(a=1) dict([('a',1)]) dict(1) dict({'a':1},b=2) namespace(a=1).a namespace().x
namespace(a=1) cycler('a','b').next() cycler() joiner()() joiner('|') lipsum(0) 'a' * 3 [1]*2 3*'a' 'a'*-1 'a'*1.5 [1]+[2] [1]+(2,) (1,)+(2,)
'%s' % 1 '%s %s' % (1,2) '%d' % 3.7 '%d' % 'a' '%05d' % 42 '%-5d|' % 42 '%+d' % 42 '%x' % 255 '%X' % 255 '%o' % 8 '%e' % 12345.678 '%g' % 1e10 '%.3f' % 2.5 '%r' % 'a' '%c' % 65 '%%' % () '%(a)s' % d '%(zz)s' % d '%s' % l '%s' % () '%s%s' % 1 'x' % 1 '%z' % 1 '%5.1f|' % 3.14159 '%*d' % (5, 42) '%' % 1
'{}'.format(1) '{0} {1} {0}'.format(1,2) '{a}'.format(a=1) '{} {}'.format(1) '{:>5}'.format('a') '{:<5}|'.format('a') '{:^5}|'.format('a') '{:*^9}'.format('mid') '{:05d}'.format(42) '{:,}'.format(1234567) '{:.2f}'.format(3.14159) '{:e}'.format(12345.0) '{:%}'.format(0.25) '{:x}'.format(255) '{:#x}'.format(255) '{:b}'.format(5) '{!r}'.format('a') '{!s}'.format(1) '{0[0]}'.format(l) '{0.name}'.format(d) '{0[a]}'.format(d) '{'.format() '}'.format() '{{}}'.format() '{:+}'.format(3) '{: }'.format(3) '{:_}'.format(1234567) '{:g}'.format(1e10) '{:d}'.format(1.5) '{:s}'.format(1) '{:10}'.format(1) '{:10}|'.format('a') '{:.1}'.format('abc') '{:{w}}'.format(1,w=5) '{0.__class__}'.format('') '{}{1}'.format(1,2) '{:.3}'.format(3.14159) '{:n}'.format(5) '{:010.2f}'.format(-3.14159) '{:q}'.format(1)
none|string true|string 1.0|string 1e16|string 1e15 123456789.123456789 0.1+0.2 1/3 10/2 7//2 -7//2 7%3 -7%3 7.5%2 -7.5//2 2**0.5 2**-2 0**0 1/0 1//0 1%0 1.0/0 0.0**-1 10**20 -(10**20) 10**20//3 10**20%7 10**400*1.0 (2**64)/(2**62) 9223372036854775807+1 -9223372036854775808-1 9223372036854775807*2
loop loop.index self caller() super() varargs kwargs x is defined none is none 1 is number '1' is number [] is iterable none is iterable s is string s is sequence
"""

STATEMENTS = r"""
{% for x in l %}{{ x }},{% endfor %}
{% for x in l -%} {{ x }} {%- endfor %}
{% for x in el %}a{% else %}empty{% endfor %}
{% for x in none %}a{% endfor %}
{% for x in missing %}a{% else %}e{% endfor %}
{% for x in missing.y %}a{% endfor %}
{% for x in n %}a{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in d %}{{ k }}{% endfor %}
{% for a, b in [(1,2),(3,4)] %}{{ a + b }} {% endfor %}
{% for a, b in [(1,2,3)] %}{{ a }}{% endfor %}
{% for a, b in [(1,)] %}{{ a }}{% endfor %}
{% for a, b in [1] %}{{ a }}{% endfor %}
{% for (a, b), c in [((1,2),3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for c in 'héllo' %}{{ c }}.{% endfor %}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}
{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}
{% for x in l %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }} {% endfor %}
{% for x in l %}{{ loop.cycle('a','b') }}{% endfor %}
{% for x in l %}{{ loop.cycle() }}{% endfor %}
{% for x in [1,1,2,2,3] %}{{ loop.changed(x) }} {% endfor %}
{% for x in l %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}
{% for x in l %}{{ loop }}{% endfor %}
{% for x in l %}{{ loop.nosuch }}{{ loop.nosuch.y }}{% endfor %}
{% for x in range(10) if x is odd %}{{ x }}{{ loop.index }}{{ loop.length }} {% endfor %}
{% for x in range(3) if x > 5 %}{{ x }}{% else %}none{% endfor %}
{% for x in range(10) %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in range(6) %}{% if x is odd %}{% continue %}{% endif %}{{ x }}{% endfor %}
{% for x in range(3) %}{% break %}{% else %}else{% endfor %}
{% for x in range(3) %}{% continue %}{% else %}else{% endfor %}
{% break %}
{% for x in [1,[2,[3]]] recursive %}{% if x is iterable %}[{{ loop(x) }}]{% else %}{{ x }}@{{ loop.depth }}{% endif %}{% endfor %}
{% for x in l %}{{ loop(x) }}{% endfor %}
{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}
{% for x in l %}{% set y = x %}{% endfor %}{{ y }}
{% set y = 0 %}{% for x in l %}{{ y }}{% set y = x %}{{ y }} {% endfor %}{{ y }}
{% for x in l %}{{ n }}{% set n = x %}{{ n }} {% endfor %}{{ n }}
{% if true %}{% set y = 5 %}{% endif %}{{ y }}
{% if false %}{% set n = 5 %}{% endif %}{{ n }}
{% if false %}{% set q = 5 %}{% endif %}{{ q }}
{{ n }}{% set n = 1 %}{{ n }}
{% set a = b %}{{ a }}{{ a is defined }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set a, b = 1 %}
{% set a, b = [1,2,3] %}
{% set a.b = 1 %}
{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}
{% set ns = namespace(x=1) %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }} {{ ns }}
{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}
{% set d.a = 1 %}
{% set zz.a = 1 %}
{% set ns = namespace() %}{% set ns.a.b = 1 %}
{% set x %}block {{ n }}{% endset %}{{ x }}{{ x|length }}
{% set x | upper %}block {{ n }}{% endset %}{{ x }}
{% set x | replace('b', 'c') | trim %} block {% endset %}[{{ x }}]
{% set loop = 1 %}{{ loop }}
{% for x in l %}{% set loop = 1 %}{% endfor %}
{% set true = 1 %}
{% set 1 = 2 %}
{% set (a, b) = (1, 2) %}{{ a }}
{% set [a, b] = [1, 2] %}{{ a }}
{% set x = 1, %}{{ x }}
{% set x = %}
{% if %}{% endif %}
{% if n %}a{% elif t %}b{% else %}c{% endif %}
{% if zero %}a{% elif no %}b{% else %}c{% endif %}
{% if zero %}a{% elif t %}b{% elif n %}d{% else %}c{% endif %}
{% if n and not zero or missing %}x{% endif %}
{% if missing.x %}a{% endif %}
{% macro m() %}x{% endmacro %}{{ m() }}{{ m }}
{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(c=1, a=5) }} {{ m() }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}
{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}
{% macro m(a) %}{{ a + 1 }}{% endmacro %}{{ m() }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(a) %}{{ a }}{{ varargs|join('-') }}{% endmacro %}{{ m(1, 2, 3) }}
{% macro m(a) %}{{ kwargs|dictsort }}{% endmacro %}{{ m(1, z=1, y=2) }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}hi {{ n }}{% endcall %}
{% macro m() %}[{{ caller(1, 2) }}]{% endmacro %}{% call(a, b=9) m() %}{{ a }}{{ b }}{% endcall %}
{% macro m() %}[{{ caller() }}]{% endmacro %}{{ m() }}
{% macro m() %}x{% endmacro %}{% call m() %}hi{% endcall %}
{% macro m() %}{{ kwargs.caller is defined }}{% endmacro %}{% call m() %}hi{% endcall %}
{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}
{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call m() %}hi{% endcall %}
{% macro m(caller) %}x{% endmacro %}
{% macro m(caller) %}{{ caller() }}{% endmacro %}
{% macro m(caller=1) %}{{ caller }}{% endmacro %}{{ m() }}
{% macro fact(x) %}{{ 1 if x < 2 else x * fact(x - 1)|int }}{% endmacro %}{{ fact(5) }}
{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}
{% macro m(a=[]) %}{% do a.append(1) %}{{ a }}{% endmacro %}{{ m() }}{{ m() }}
{% macro m(x) %}{{ x }}{{ y }}{% endmacro %}{% set y = 3 %}{{ m(1) }}
{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}
{% macro m() %}{{ i }}{% endmacro %}{% for i in l %}{{ m() }}{% endfor %}
{% macro a() %}A{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{% macro m(a b) %}{% endmacro %}
{% macro m(a, ) %}{% endmacro %}
{% macro m(a=1, b) %}{% endmacro %}
{% macro m %}{% endmacro %}
{% macro m() %}
{{ m.name }}{% macro m(a, b) %}{{ varargs }}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_varargs }}{{ m.catch_kwargs }}{{ m.caller }}
{% call n() %}{% endcall %}
{% call n %}{% endcall %}
{% filter upper %}hello {{ s }}{% endfilter %}
{% filter replace('h', 'j')|title %}hello{% endfilter %}
{% filter nosuch %}x{% endfilter %}
{% filter length %}x{% endfilter %}
{% filter indent(2) %}a
b{% endfilter %}
{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% with a=1, b=a %}{{ b }}{% endwith %}
{% with %}{% set q=1 %}{{ q }}{% endwith %}{{ q }}
{% with a=1, %}{% endwith %}
{% with n=n+1 %}{{ n }}{% endwith %}{{ n }}
{% do l.append(4) %}{{ l }}
{% do 1/0 %}
{% raw %}{{ x }}{% if %}{% endraw %}
{% raw -%}  x  {%- endraw %}|
{%- raw %} x {% endraw -%}  y
{% raw %}
a{# comment #}b
a {#- comment -#} b
a {#+ c +#} b
{# unclosed
{{ unclosed
{% unclosed
{{ 'unclosed }}
{% if x %}
{% endif %}
{% else %}
{% nosuch %}
{% if x %}{% endfor %}
{% for x in l %}{% endif %}{% endfor %}
{% for x in l %}{% else %}{% else %}{% endfor %}
{% for in l %}{% endfor %}
{% for x l %}{% endfor %}
{% for x in %}{% endfor %}
{% for 1 in l %}{% endfor %}
{% for x in l recursive %}{{ x }}{% endfor %}
{% block a %}x{{ n }}{% endblock %}
{% block a-b %}{% endblock %}
{% block a %}x{% endblock a %}
{% set y = 3 %}{% block a %}{{ y }}{% endblock %}
{% include 'x' %}
{% import 'x' as y %}
{% from 'x' import y %}
{% extends 'x' %}
{% autoescape false %}{{ html }}{% endautoescape %}
{% print 1, 2 %}
{% if n: %}x{% endif %}
{% for x in l: %}x{% endfor %}
a

b

{{ n }}

  {%- if t %}  x  {% endif -%}  y
  {%+ if t %}  x  {% endif +%}  y
x {{- n -}} y
x {{+ n }} y
{%if t%}x{%endif%}
{%-if t-%} x {%-endif-%}
{{n}}{{n}}
{{ n }}
text only
{{ s|upper|lower|title }}
{{ (l|sort)[0] }}
{{ l|map('string')|map('upper')|join('+') }}
{{ users|map(attribute='addr.city')|unique|sort|join(',') }}
{{ users|selectattr('age', 'gt', 26)|map(attribute='name')|list }}
{{ users|rejectattr('age', 'gt', 26)|map(attribute='name')|list }}
{{ users|groupby('age')|map('first')|list }}
{% for g in users|groupby('age') %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}
{% for a, b in users|groupby('addr.city') %}{{ a }}:{{ b|map(attribute='name')|join(',') }} {% endfor %}
{{ users|groupby('zip', default='-')|list|length }}
{{ users|sum('age') }} {{ users|map(attribute='age')|sum }}
{{ users|sort(attribute='name')|map(attribute='name')|join }}
{{ users|sort(attribute='name', case_sensitive=true)|map(attribute='name')|join(' ') }}
{% set g = l|map('string') %}{{ g|join }}{{ g|join }}|{{ g|list }}
{{ [1,2,3]|select('odd')|first }}
{{ l|map }}
{{ l|map('nosuch')|list }}
{{ l|map(1)|list }}
{{ l|select('nosuch')|list }}
{{ l|selectattr|list }}
{{ l|selectattr('x', 'defined')|list }}
{{ l|map(attribute='x', foo=1)|list }}
{{ html|e }}{{ html|e|e }}{{ html|escape|safe }}
{{ d|tojson }}{{ d|tojson + '<' }}{{ d|tojson ~ '<' }}
{{ (html|safe) + html }}
{{ (html|safe)|upper }} {{ ('a'|safe) ~ html }} {{ (html|safe)[0:5] + '<' }}
{{ '<%s>'|safe % html }} {{ ('<{}>'|safe).format(html) }} {{ ('<'|safe).join([html, 'x'|safe]) }}
{{ html|striptags }} {{ '<p>a  &amp; b</p>'|striptags }}
{{ {'a': 1, 'b': none, 'c': html}|xmlattr }}
{{ {'a b': 1}|xmlattr }}
{{ [html]|tojson }}
{{ {'b': 1, 'a': {'d': 1, 'c': [1, 2.0, none, true]}}|tojson }}
{{ missing|tojson }}
{{ range(3)|tojson }}
{{ {1: 2}|tojson }} {{ {none: 1}|tojson }}
{{ {'a': 1, 2: 3}|tojson }}
{{ 'ü€😀'|tojson }} {{ 'ü€😀'|length }} {{ 'ü€😀'[1] }} {{ 'ü€😀'|reverse }} {{ 'ü€'|center(7) }}|
{{ 'straße'|upper }} {{ 'ΣΑΣ'|lower }} {{ 'ǆ'|capitalize }} {{ 'éa'|title }} {{ 'İ'|lower|length }} {{ 'ﬁ'|upper }} {{ 'ﬁx'|capitalize }}
{{ 'a b'|urlencode }} {{ {'a': 'b c', 'd': 'e/f'}|urlencode }} {{ [('x', 1)]|urlencode }} {{ 'ü/?'|urlencode }}
{{ 1000|filesizeformat }} {{ 1|filesizeformat }} {{ 1e9|filesizeformat }} {{ 123456789|filesizeformat(true) }} {{ 1e30|filesizeformat }}
{{ 2.5|round }} {{ 3.5|round }} {{ -2.5|round }} {{ 2.675|round(2) }} {{ 1234|round(-2) }} {{ 1250|round(-2) }} {{ 1.1|round(1, 'ceil') }} {{ 42|round }} {{ 42|round(1,'floor') }}
{{ 'abc'|int }} {{ '12'|int }} {{ '0x1f'|int(base=16) }} {{ '1.9'|int }} {{ ' 5 '|int }} {{ none|int }} {{ '1_0'|int }} {{ true|int }} {{ 1e400|int }}
{{ '1.5'|float }} {{ 'x'|float }} {{ 'nan'|float }} {{ 'inf'|float }} {{ '1e3'|float }} {{ none|float(2) }} {{ 'x'|float('d') }}
{{ 1.0 }} {{ 100000000000000000.0 }} {{ 1e22 }} {{ 1.5e-7 }} {{ 0.1 }} {{ 1e100 }} {{ -0.0 }} {{ 123456.789e3 }}
{{ words|wordwrap(12) }}
{{ words|truncate(15) }} {{ words|truncate(15, true) }} {{ words|truncate(15, false, '~') }} {{ words|truncate(43) }} {{ words|truncate(2) }}
{{ 'foo bar baz'|wordcount }} {{ "it's a-b"|wordcount }}
{{ ml|indent }}|{{ ml|indent(2, true) }}|{{ ml|indent(1, false, true) }}|{{ ''|indent }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'abc'.split('') }} {{ ''.split() }} {{ ''.split(',') }}
{{ 'x'.join(['a', 1]) }}
{{ ','.join(names) }} {{ ','.join(d) }} {{ ''.join(none) }}
{{ [1,2,3].index(5) }}
{{ [3,1,2].sort() }}
{{ ['b','A',1]|sort }}
{{ [none, 1]|sort }}
{{ [1,'a']|min }}
{{ []|min }}{{ []|first }}{{ []|last }}{{ []|max is defined }}
{{ ['a','B']|max }} {{ ['a','B']|max(case_sensitive=true) }}
{{ {'a':1} == {'a':1.0} }} {{ [1] == (1,) }} {{ 1 == true }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ (1,) < (1,2) }} {{ none == missing }} {{ missing == missing2 }}
{{ 'a' < 1 }}
{{ none < 1 }}
{{ {} < {} }}
{{ [1,2] < (1,2) }}
{{ 1 in none }}
{{ 1 in 5 }}
{{ [] in {} }}
{{ 'a' in {'a': 1} }} {{ 1 in [1.0] }} {{ '' in '' }} {{ none in [none] }}
{{ missing in [1] }} {{ 1 in missing }}
{{ missing + 1 }}
{{ 1 + missing }}
{{ -missing }}
{{ missing < 1 }}
{{ missing ~ 'x' }} {{ missing|string }} {{ missing|upper }} {{ missing|length }} {{ missing|list }} {{ missing|join }} {{ [missing] }} {{ {'a': missing} }}
{{ missing|int }}
{{ missing|abs }}
{{ missing|round }}
{{ missing|sum }} {{ missing|sort }} {{ missing|first }} {{ missing|map('upper')|list }} {{ missing|default(1) }} {{ missing|d }} {{ missing|tojson is string }}
{{ missing.x is defined }}
{{ d.x.y is defined }}
{{ d.x is defined }} {{ d['x'] is defined }} {{ d.a is defined }}
{{ s.upper.x }} {{ s.upper is callable }} {{ n is callable }} {{ missing is callable }} {{ range is callable }}
{{ s.format.__class__ }} {{ s.__class__ }} {{ s.__class__.x }}
{{ s.__class__() }}
{{ s._private }} {{ d._private }} {{ {'_p': 1}._p }}
{{ (1,2)|list }} {{ 'abc'|list }} {{ d|list }} {{ none|list }}
{{ n() }}
{{ s() }}
{{ d.nosuch() }}
{{ s.nosuch() }}
{{ none() }}
{{ range(1)() }}
{{ s.upper(1) }}
{{ s.replace('a') }}
{{ s|replace('a') }}
{{ s|replace }}
{{ s|upper(1, 2) }}
{{ s|default(1, 2, 3, 4) }}
{{ s|center(width=5, foo=1) }}
{{ s|truncate(length=5, length=6) }}
{{ dict(a=1, a=2) }}
{{ f(1, b=2, 3) }}
{{ f(**d, **d) }}
{{ dict(**d) }} {{ dict(**{'x': 1}) }} {{ dict(*[[('a', 1)]]) }}
{{ dict(**n) }}
{{ range(*[1, 4])|list }} {{ range(*n) }}
{{ 1 if n }} {{ 1 if zero }}| {{ 1 if zero else 2 if no else 3 }}
{{ (1 if zero).x }}
{{ n if n else missing.x }}
{{ true and 'a' }} {{ false or 'b' }} {{ '' or none }} {{ 0 and x.y }} {{ not '' }}
{{ 'a' 'b' ~ 1 }} {{ 1 ~ none ~ true ~ 1.5 ~ [1] }}
{{ {'a': {'b': [1, {'c': 2}]}}.a.b[1].c }}
{{ [[1,2],[3,4]][1][0] }} {{ 'abc'[1]|upper }} {{ (n)|string + 'x' }}
{{ d.items()|list }} {{ d.keys() }} {{ d.values()|list }} {{ d.items()|first }} {{ d.keys()|sort|first }} {{ d.items()|length }}
{{ d|length }} {{ d|first }} {{ d|last }} {{ d|join(',') }} {{ d|dictsort }} {{ sortme|dictsort }} {{ sortme|dictsort(true) }} {{ sortme|dictsort(by='value') }} {{ d|dictsort(by='x') }}
{{ 'Hello' is lower }} {{ 'hello' is lower }} {{ 'HI' is upper }} {{ 'x' is in 'xyz' }} {{ 3 is divisibleby 3 }} {{ 3 is divisibleby(0) }}
{{ 5 is not odd }} {{ not 5 is odd }} {{ 1 + 1 is odd }} {{ 'upper' is filter }} {{ 'odd' is test }} {{ 'zz' is filter }}
{{ 1 is eq 1 }} {{ 1 is sameas 1 }} {{ l is sameas l }} {{ [] is sameas [] }} {{ none is sameas none }}
{{ 1 is }}
{{ 1 is not }}
{{ l is iterable and l is sequence }} {{ d is mapping }} {{ s is string }} {{ t is boolean }} {{ t is integer }} {{ t is number }} {{ 1.0 is float }} {{ n is integer }} {{ big is integer }}
{{ 'a'|attr('upper') is callable }} {{ d|attr('a') is defined }} {{ d|attr('items') is callable }}
{{ cycler(1,2,3).current }} {% set c = cycler('a','b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% do c.reset() %}{{ c.current }}
{% set j = joiner('; ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}
{{ l.append(1) }}{{ l }} {{ l.pop() }} {{ l }}
{{ d.update({'z': 1}) }}{{ d }} {{ d.pop('z') }} {{ d.get('q', 'dflt') }} {{ d.setdefault('new', []) }} {{ d }}
{% for k in d %}{% do d.update({k ~ 'x': 1}) %}{% endfor %}
{% for x in l %}{% if loop.index < 5 %}{% do l.append(x) %}{% endif %}{% endfor %}{{ l }}
{% for x in range(3) %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}
{{ loop }}{{ loop is defined }}
{{ self }}
{{ lipsum is defined }} {{ range }}
{{ 1 }}{{ 2
}}{{ missing.x }}
{{ n }}

{{
  missing.x
}}
{{ foo
 .bar }}
{{ foo(
1,
2) }}
{% for x in l %}

{{ missing.y }}
{% endfor %}
{% set a = 1 %}
{% set b = missing.x %}
{% macro m() %}

{{ missing.z }}
{% endmacro %}

{{ m() }}
{% macro m(a) %}
{% endmacro %}

{{ m(1, 2) }}
{% if n %}

{% if missing.x %}{% endif %}
{% endif %}
{% if zero %}
{% elif missing.x %}
{% endif %}
{% call n() %}

{% endcall %}
{% with a = missing.x %}{% endwith %}
x
{% with a = missing.x %}{% endwith %}
{% set x %}
{{ missing.y }}
{% endset %}
{% filter upper %}

{{ missing.y }}{% endfilter %}
{% do missing.x %}
{{ 'a
b'
}} {{ missing.x }}
{{ missing.x }} {{ missing.y }}
{{ [1,
2, missing.x] }}
a
{{ 1 +
 missing }}
b
{% endfoo %}
{{ 1

1 }}
{% if x %}


{% endfor %}
{{ "a"|nosuch }}

{% if t %}{{ 1|nosuch }}{% endif %}
{% if no %}{{ 1|nosuch }}{% endif %}x
{{ 1|nosuch if no }} {{ 1 is nosuch if no }}
{% if no %}{% for x in l %}{{ 1|nosuch }}{% endfor %}{% endif %}
{{ 'abc'|first }}{{ 'abc'|last }}{{ 'abc'|random in 'abc' }}
{{ x.y.z }}
{{ users[0].nosuch.x }}
{{ users[5].name }}
{{ l[missing] }} {{ d[missing] }}
{{ l['a'] }} {{ l[1.5] }} {{ l[none] }} {{ l[true] }}
{{ s['upper']() }} {{ d['get']('a') }} {{ d['a'] }}
{{ 'a'.b.c }}
{{ 1.5.x }}
{{ 5.x }}
{{ [1,2,3][1:][0] }} {{ 'abcdef'[1:4:2] }} {{ (1,2,3)[::-1] }} {{ range(10)[2] }} {{ range(10)[-1] }} {{ range(5)|reverse|list }} {{ l[5:] }} {{ l[-2:] }} {{ l[:-1] }} {{ l[none:2] }} {{ l['a':] }}
{{ none[1:] }}
{{ 1[1:] }}
{{ missing[1:] }}
"""

NATIVE = r"""
{{ 1 }}|{{ n }}|{{ l }}|{{ d }}|{{ none }}|{{ t }}|{{ true }}|{{ 1.5 }}|{{ f }}|{{ s }}|{{ '1' }}|{{ missing }}
{{ 1 }}{{ 2 }}|{{ n }}{{ n }}|a{{ n }}|{{ n }} |x|{{ 'a' ~ n }}|{{ [1, n] }}|{{ [1, 2] }}|{{ n|string }}|{{ 'a'|upper }}|{{ n + 1 }}
{% if t %}{{ n }}{% endif %}|{% for x in l %}{{ x }}{% endfor %}|{% set x = 5 %}{{ x }}|{{ missing.x }}|{{ range(3)|list }}|{{ (1, 2) }}|{{ {'a': n} }}|{{ 1 if t else 2 }}|{{ none if t }}
"""


def lines(text):
    return [line for line in text.strip("\n").split("\n") if line]


def from_statements():
    """One template per line; a template goes on while its line is no complete one."""
    out = []
    block = []
    for line in STATEMENTS.strip("\n").split("\n"):
        out.append(line)
    # groups of neighbouring lines make templates with several lines
    for size in (2, 3, 5):
        for i in range(0, len(out) - size, size):
            block.append("\n".join(out[i : i + size]))
    return out + block


def split_filters():
    out = []
    for line in lines(FILTERS):
        parts = line.split("|")
        i = 0
        while i < len(parts):
            part = parts[i]
            if i + 1 < len(parts) and parts[i + 1] == "list":
                part += "|list"
                i += 1
            if part != "random":
                out.append(part)
            i += 1
    return out


def handwritten():
    for source in from_statements():
        yield {"source": source, "context": CONTEXT}
    for line in lines(LITERALS):
        for chunk in split_literals(line):
            yield {"source": "{{ " + chunk + " }}", "context": CONTEXT}
    for source in lines(NATIVE_BLOCKS):
        yield {"source": source, "context": CONTEXT, "native": True}
    for line in lines(NATIVE):
        for source in line.split("|"):
            yield {"source": source, "context": CONTEXT, "native": True}


def split_literals(line):
    """Chunks of words: every word, and every run up to the end."""
    words = line.split(" ")
    seen = set()
    for size in (1, 2, 3, 4, 5, 7):
        for i in range(0, len(words) - size + 1):
            chunk = " ".join(words[i : i + size])
            if chunk and chunk not in seen:
                seen.add(chunk)
                yield chunk


def tables():
    for name in split_filters():
        for value in VALUES:
            yield {"source": "{{ %s|%s }}" % (value, name), "context": CONTEXT}
    for test in TESTS.split():
        for value in VALUES:
            yield {
                "source": "{{ %s is %s }}" % (value, test.replace("+", " ")),
                "context": CONTEXT,
            }
    samples = {
        "str": ["s", "empty", "uni", "sp", "under", "'42'", "ml"],
        "list": ["l", "el", "names"],
        "dict": ["d", "ed"],
        "tuple": ["(1, 2)"],
        "int": ["n", "big", "t"],
        "float": ["f", "2.0"],
    }
    for kind, methods in METHODS.items():
        for method in methods.split():
            for value in samples[kind]:
                source = "{{ %s.%s }}" % (value, method)
                if not value.startswith(("'", "(", "2")):
                    source += "{{ %s }}" % value
                yield {"source": source, "context": CONTEXT}
    for op in OPERATORS:
        for a in OPERANDS:
            for b in OPERANDS:
                if op == "**" and (b in ("n", "big") or a == "big"):
                    continue
                if op == "*" and "big" in (a, b) and (a in ("s", "l") or b in ("s", "l")):
                    continue
                yield {"source": "{{ %s %s %s }}" % (a, op, b), "context": CONTEXT}
    for source in odd():
        yield {"source": source, "context": CONTEXT}


ODD_METHODS = {
    "str": "center count endswith expandtabs find index join ljust lstrip partition replace"
           " rfind rjust rpartition rsplit rstrip split splitlines startswith strip title"
           " upper zfill removeprefix removesuffix",
    "list": "append clear copy count extend index insert pop remove reverse sort",
    "dict": "clear copy fromkeys get items pop popitem setdefault update values",
    "tuple": "count index",
}
ODD_ARGUMENTS = [
    "", "none", "1", "-1", "'a'", "''", "missing", "1.5", "l", "('a', 'b')", "'a', 1",
    "'a', 1, 2", "'a', none, 3", "1, 'x'", "5, ''", "sep='o'", "maxsplit=1",
    "'o', maxsplit=1", "keepends=true", "'o', count=1", "reverse=true", "key=none",
    "key=missing", "{'q': 1}", "[('x', 1)]", "[('x',)]", "x=1", "1, 2, 3, 4",
]
SPECS = """
5 <5 ^7 >7 *^9 =5 05 + - +5 x X #x o #b c d n e F g G % s , _ ,.2f .2 8.3f 08.3f .0f #.0f _x ,x 5s
.2s ^05 z z.1f +% .1% 010, <010 é^5 5. q +s =5s ,s #d 020_x ,.2s {
"""
PERCENTS = """
%d %i %s %r %a %c %x %X %o %e %f %g %5d| %-5d| %05d %+d %#x %.3d %8.3f %08.3f %.0f %5s| %.2s %5c| %5%
%(a)s %*d %.*f %z % %ld %()s %(a
"""
SLICES = ":|1:|-2:|::2|::-1|4:1:-1|10:|::0|none:none|true:|'a':|1.5:|missing:|big:|-big:|::big"
LITERAL_NUMBERS = ["0", "-7", "2**63", "2**200", "-0.0", "0.1", "1e16", "1e-5", "5e-324", "true"]


def odd():
    """Odd arguments, format specs, slices and arithmetic of what Python has built in."""
    samples = {"str": "s", "list": "[3, 1, 2]", "dict": "{'a': 1, 'b': 2}", "tuple": "(1, 2, 1)"}
    for kind, methods in ODD_METHODS.items():
        for method in methods.split():
            for args in ODD_ARGUMENTS:
                yield "{%% set q = %s %%}{{ q.%s(%s) }}{{ q }}" % (samples[kind], method, args)
    for spec in SPECS.split():
        for v in ("42", "big", "3.14159", "-0.0", "'ab'", "true", "none", "missing"):
            yield "{{ '{:%s}'.format(%s) }}" % (spec, v)
    for spec in PERCENTS.strip("\n").replace("\n", " ").split(" "):
        for v in ("1", "-2.5", "big", "true", "'a'", "d", "(1, 2)", "missing", "none"):
            yield "{{ '%s' %% %s }}" % (spec, v)
    for v in ("'hello'", "l", "(1, 2, 3)", "range(10)", "none", "d"):
        for part in SLICES.split("|"):
            yield "{{ %s[%s] }}" % (v, part)
            yield "{{ (%s[%s])|list }}" % (v, part)
    for a in LITERAL_NUMBERS:
        for name in ("int", "float", "abs", "round", "round(2)", "filesizeformat", "tojson"):
            yield "{{ (%s)|%s }}" % (a, name)
        for b in LITERAL_NUMBERS:
            for op in ("+", "-", "*", "/", "//", "%", "==", "<"):
                yield "{{ (%s) %s (%s) }}" % (a, op, b)
    for text in ("{missing: 1}", "{missing: 1}[missing2]", "dict(missing)", "namespace(missing)",
                 "missing|attr('__x__')", "missing|attr('x')", "-3 ** n", "-3 ** zero",
                 "'say x hi'|wordwrap(2)", "none[1:]", "[none[1:]]", "none[1:]|string"):
        yield "{{ %s }}" % text


NATIVE_BLOCKS = r"""
{% set x %}{{ n }}{% endset %}{{ x }}
{% set x %}a{{ s }}{% endset %}{{ x }}
{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m(1) }}{{ m('1') }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m('1') }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}{{ n }}{% endcall %}
{% for x in names recursive %}{{ x }}{% endfor %}
{% for x in l recursive %}{{ x }}{% endfor %}
{% filter upper %}{{ s }}{% endfilter %}
{% filter upper %}a{% if t %}b{% endif %}{{ n }}{% endfilter %}
{% autoescape true %}{{ html }}{{ '<' }}{% endautoescape %}
"""


class Generator:
    """Random templates from a grammar."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def pick(self, *items):
        return self.r.choice(items)

    def expr(self, depth=0):
        r = self.r
        if depth > 3 or r.random() < 0.3:
            return self.pick(*VALUES, "1", "2", "'a'", "[1, 2]", "{'k': 1}", "none", "x", "y")
        kind = r.randrange(14)
        e = lambda: self.expr(depth + 1)  # noqa: E731
        if kind == 0:
            op = self.pick("+", "-", "*", "~", "==", "!=", "<", "and", "or", "in", "//", "%")
            return f"{e()} {op} {e()}"
        if kind == 1:
            return f"({e()})"
        if kind == 2:
            return f"{e()}|{self.pick(*split_filters())}"
        if kind == 3:
            test = self.pick(*TESTS.split()).replace("+", " ")
            return f"{e()} is {test}"
        if kind == 4:
            return f"{e()}[{self.pick('0', '-1', '1:', ':2', '::2', repr('a'))}]"
        if kind == 5:
            return f"{e()}.{self.pick('a', 'name', 'items()', 'upper()', 'x', '0', 'keys()')}"
        if kind == 6:
            return f"{e()} if {e()} else {e()}"
        if kind == 7:
            return f"[{e()}, {e()}]"
        if kind == 8:
            return f"not {e()}"
        if kind == 9:
            return "{'a': %s, 'b': %s}" % (e(), e())
        if kind == 10:
            return f"-{e()}"
        if kind == 11:
            return f"{e()} ~ {e()} ~ {e()}"
        if kind == 12:
            return f"({e()}, {e()})"
        return f"{e()}|default({e()})"

    def body(self, depth):
        return "".join(self.statement(depth + 1) for _ in range(self.r.randrange(1, 4)))

    def statement(self, depth=0):
        kind = self.r.randrange(12) if depth < 3 else self.r.randrange(2)
        ws = lambda: self.pick("", "", "", "-")  # noqa: E731
        if kind == 0:
            return self.pick("text ", "\n", " a\n b ", "{# c #}", "{")
        if kind <= 2:
            return "{{%s %s %s}}" % (ws(), self.expr(), ws())
        if kind == 3:
            return "{%%%s if %s %s%%}%s{%% else %%}%s{%% endif %%}" % (
                ws(), self.expr(), ws(), self.body(depth), self.body(depth))
        if kind == 4:
            return "{%% for x in %s %%}%s{{ loop.index }}{%% else %%}E{%% endfor %%}" % (
                self.pick("l", "names", "el", "range(3)", "d", "users", "s"), self.body(depth))
        if kind == 5:
            return "{%% set %s = %s %%}" % (self.pick("x", "y", "z"), self.expr())
        if kind == 6:
            return "{%% set x %%}%s{%% endset %%}" % self.body(depth)
        if kind == 7:
            return "{%% macro m(x, y=%s) %%}%s{%% endmacro %%}{{ m(%s) }}" % (
                self.expr(2), self.body(depth), self.expr(2))
        if kind == 8:
            return "{%% with x=%s %%}%s{%% endwith %%}" % (self.expr(), self.body(depth))
        if kind == 9:
            return "{%% filter %s %%}%s{%% endfilter %%}" % (
                self.pick("upper", "trim", "title", "indent(2)", "replace('a', 'b')"),
                self.body(depth))
        if kind == 10:
            return "{%% macro c() %%}[{{ caller(%s) }}]{%% endmacro %%}{%% call(x) c() %%}%s{%% endcall %%}" % (
                self.expr(2), self.body(depth))
        return "{%% for x in %s if x %%}{{ x }}{%% if loop.first %%}%s{%% endif %%}{%% endfor %%}" % (
            self.pick("l", "names", "mixed", "range(4)"), self.body(depth))

    def template(self):
        return "".join(self.statement() for _ in range(self.r.randrange(1, 5)))


def generated(count, seed):
    generator = Generator(seed)
    for _ in range(count):
        yield {"source": generator.template(), "context": CONTEXT}
