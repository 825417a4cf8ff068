{% macro a() %}{{ b() }}{% endmacro %}
{% macro b() %}{{ c() }}{% endmacro %}
{% macro c() %}new{% endmacro %}
{% macro d() %}y{% endmacro %}
{% test tt(model) %}select * from {{ model }} {{ d() }}{% endtest %}
{% macro cyc1() %}{{ cyc2() }}{% endmacro %}
{% macro cyc2() %}{{ cyc1() }}{% endmacro %}
