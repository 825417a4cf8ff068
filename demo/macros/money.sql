{% macro cents_to_amount(column, scale=2) -%}
cast({{ column }} / 100.0 as decimal(12, {{ scale }}))
{%- endmacro %}

{% macro is_valid_order(column) -%}
{%- set bad = ['cancelled'] -%}
{{ column }} is not null{% for status in bad %} and {{ column }} <> '{{ status }}'{% endfor %}
{%- endmacro %}
