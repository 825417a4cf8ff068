{# Package dbt: generic tests and what runs tests. #}

{% test unique(model, column_name) %}
    {{ '' }}
    {{ adapter.dispatch('test_unique', 'dbt')(model, column_name) }}
{% endtest %}
{% macro default__test_unique(model, column_name) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records

from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1

{% endmacro %}
{% test not_null(model, column_name) %}
    {{ '' }}
    {{ adapter.dispatch('test_not_null', 'dbt')(model, column_name) }}
{% endtest %}
{% macro default__test_not_null(model, column_name) %}

{{ '' }}

select {{ '*' if should_store_failures() else column_name }}
from {{ model }}
where {{ column_name }} is null

{% endmacro %}
{% test accepted_values(model, column_name, values, quote=True) %}
    {{ '' }}
    {{ adapter.dispatch('test_accepted_values', 'dbt')(model, column_name, values, quote) }}
{% endtest %}
{% macro default__test_accepted_values(model, column_name, values, quote=True) %}

with all_values as (

    select
        {{ column_name }} as value_field,
        count(*) as n_records

    from {{ model }}
    group by {{ column_name }}

)

select *
from all_values
where value_field not in (
    {% for value in values -%}
        {{ "'" ~ value ~ "'" if quote else value }}{{ ',' if not loop.last }}
    {%- endfor %}
)

{% endmacro %}
{% test relationships(model, column_name, to, field) %}
    {{ '' }}
    {{ adapter.dispatch('test_relationships', 'dbt')(model, column_name, to, field) }}
{% endtest %}
{% macro default__test_relationships(model, column_name, to, field) %}

with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
),

parent as (
    select {{ field }} as to_field
    from {{ to }}
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null

{% endmacro %}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if where -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}
{% macro should_store_failures() -%}
    {%- set store = config.get('store_failures') -%}
    {{ return(flags.STORE_FAILURES if store is none else store) }}
{%- endmacro %}
{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
      {{ fail_calc }} as failures,
      {{ fail_calc }} {{ warn_if }} as should_warn,
      {{ fail_calc }} {{ error_if }} as should_error
    from (
      {{ main_sql }}
      {{ 'limit ' ~ limit if limit != none }}
    ) dbt_internal_test
{%- endmacro %}

{# ---- unit tests #}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}
{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
-- Build actual result given inputs
with dbt_internal_unit_test_actual as (
  select
    {{ expected_column_names | join(',') }}, {{ dbt.string_literal('actual') }} as {{ adapter.quote('actual_or_expected') }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
-- Build expected result
dbt_internal_unit_test_expected as (
  select
    {{ expected_column_names | join(', ') }}, {{ dbt.string_literal('expected') }} as {{ adapter.quote('actual_or_expected') }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
-- Union actual and expected results
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
-- Fixture for {{ model.name }}
{% set quoted = {} -%}
{%- if not column_name_to_data_types -%}
    {%- set column_name_to_data_types = {} -%}
    {%- for column in adapter.get_columns_in_relation(this) -%}
        {%- do column_name_to_data_types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
{%- endif -%}
{%- if not column_name_to_data_types -%}
    {{ exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation doesn't exist") }}
{%- endif -%}
{%- set empty = {} -%}
{%- for name, type in column_name_to_data_types.items() -%}
    {%- do empty.update({name: safe_cast('null', type) | trim if type else 'null'}) -%}
{%- endfor %}

{{ validate_fixture_rows(rows, row_number) }}
{%- for row in rows -%}
    {%- set cells = empty.copy() -%}
    {%- do cells.update(format_row(row, column_name_to_data_types)) -%}
    {{ _select_cells(cells, quoted, ', ') }}
    {%- if not loop.last %}
union all
{% endif -%}
{%- else -%}
    {{ 'select' }}
    {%- for name, cell in empty.items() %} {{ cell }} as {{ quoted[name] }}{{ ',' if not loop.last }}{% endfor %}
    limit 0
{%- endfor -%}
{% endmacro %}
{% macro _select_cells(cells, quoted, comma) -%}
select
{%- for name, cell in cells.items() %} {{ cell }} as {{ quoted[name] }}{{ ',' if not loop.last }}{% endfor %}
{%- endmacro %}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) -%}
{%- for row in rows -%}
    {{ _select_cells(format_row(row, column_name_to_data_types), column_name_to_quoted) }}
    {%- if not loop.last %}
union all
{% endif -%}
{%- else -%}
    select * from dbt_internal_unit_test_actual
    limit 0
{%- endfor -%}
{%- endmacro %}
{% macro format_row(row, column_name_to_data_types) -%}
    {%- set cells = {} -%}
    {%- for name, value in row.items() -%}
        {%- set name = name | lower -%}
        {%- set type = column_name_to_data_types.get(name) -%}
        {%- if name not in column_name_to_data_types -%}
            {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
            {{ exceptions.raise_compiler_error("Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ ".\nAccepted columns for " ~ fixture ~ " are: " ~ column_name_to_data_types.keys() | list) }}
        {%- endif -%}
        {%- if value is string and 'varying' in type -%}
            {%- set type = type.split('(')[0] -%}
        {%- endif -%}
        {%- if value is string -%}
            {%- set value = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
        {%- elif value is none -%}
            {%- set value = 'null' -%}
        {%- endif -%}
        {%- do cells.update({name: safe_cast(value, type) if type else value}) -%}
    {%- endfor -%}
    {{ return(cells) }}
{%- endmacro %}
{% macro default__validate_fixture_rows(rows, row_number) %}{% endmacro %}
{% macro _expected_of_columns(rows, columns) -%}
    {%- set types = {} -%}
    {%- set quoted = {} -%}
    {%- for column in columns -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
    {{ return(get_expected_sql(rows, types, quoted)) }}
{%- endmacro %}
