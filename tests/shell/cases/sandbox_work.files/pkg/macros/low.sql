{% macro low() %}2{% endmacro %}
