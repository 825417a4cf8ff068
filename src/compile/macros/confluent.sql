{# Package dbt_confluent: what the adapter overrides, and its own helpers. #}

{% macro statement(name=None, fetch_result=False, auto_begin=True, language='sql', limit=None, execution_mode=None, hidden=False, statement_name=None, compute_pool_id=None, statement_properties=None) -%}
    {%- if execute -%}
        {%- set sql = caller() -%}
        {%- if name == 'main' -%}{{ write(sql) }}{%- endif -%}
        {%- if language != 'sql' -%}
            {{ exceptions.raise_compiler_error("statement macro didn't get supported language") }}
        {%- endif -%}
        {%- set pool = config.get('compute_pool_id', None) if compute_pool_id is none else compute_pool_id -%}
        {%- set response, table = adapter.execute(sql, auto_begin=auto_begin, fetch=fetch_result, execution_mode=execution_mode or config.get('execution_mode', None), limit=limit, hidden=hidden, statement_name=statement_name, compute_pool_id=pool, statement_properties=statement_properties) -%}
        {%- if name is not none -%}
            {{ store_result(name, response=response, agate_table=table) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
{% macro get_statement_name(suffix='') -%}
    {{ adapter.get_statement_name(model_name=model.name, project_name=project_name, suffix=suffix, statement_name_override=config.get('statement_name', none)) | trim }}
{%- endmacro %}
{% macro confluent__generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}

{# ---- clauses #}
{% macro get_distributed_by_clause() %}
  {{ '' }}
    {%- set by = config.get('distributed_by') -%}
    {%- if by is not none -%}
        DISTRIBUTED BY HASH({{ get_quoted_csv(by.get('columns')) }}){{ ' INTO ' ~ by.get('buckets') ~ ' BUCKETS' if by.get('buckets') }}
    {%- endif -%}
{% endmacro %}
{% macro render_with_options(with_options) %}
{%- if with_options -%}
WITH (
{%- for key, value in with_options.items() %}
      '{{ adapter.escape_string_literal(key) }}' = '{{ adapter.escape_string_literal(value) }}'{{ ',' if not loop.last }}
{%- endfor %}
    )
{%- endif -%}
{% endmacro %}
{% macro render_contract_columns_and_reproject_sql(sql) -%}
    {%- if not config.get('contract').enforced -%}
        {{ return({'ddl': '', 'sql': sql}) }}
    {%- endif -%}
    {{ return({'ddl': get_table_columns_and_constraints(), 'sql': get_select_subquery(sql)}) }}
{%- endmacro %}

{# ---- DDL: no CASCADE #}
{% macro confluent__create_table_as(temporary, relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract = render_contract_columns_and_reproject_sql(sql) -%}
  {{ sql_header if sql_header is not none }}

  {{ '' }}
  create table
    {{ relation }}
  {{- contract.ddl }}
  {{ get_distributed_by_clause() }}
  as (
    {{ contract.sql }}
  );
{%- endmacro %}
{% macro confluent__get_drop_sql(relation) -%}
    {%- if relation.is_view -%}
        {{ drop_view(relation) }}
    {%- elif relation.is_table -%}
        {{ drop_table(relation) }}
    {%- elif relation.is_materialized_view -%}
        {{ drop_materialized_view(relation) }}
    {%- else -%}
        drop {{ relation.type }} if exists {{ relation.render() }}
    {%- endif -%}
{%- endmacro %}
{% macro drop_table(relation) %}{{ return(adapter.dispatch('drop_table', 'dbt')(relation)) }}{% endmacro %}
{% macro confluent__drop_table(relation) -%}
    {{ '' }}
    drop table if exists {{ relation.render() }}
{%- endmacro %}
{% macro confluent__drop_view(relation) -%}
    {{ '' }}
    drop view if exists {{ relation.render() }}
{%- endmacro %}
{% macro confluent__drop_materialized_view(relation) -%}
    {{ '' }}
    drop table if exists {{ relation.render() }}
{%- endmacro %}
{% macro confluent__truncate_relation(relation) -%}
    {{ exceptions.raise_compiler_error('This adapter (confluent) does not support TRUNCATE. Relation: ' ~ relation ~ '.\nYou might need to set `full_refresh` to true.') }}
{%- endmacro %}
{% macro confluent__create_schema(relation) -%}
    {{ exceptions.raise_compiler_error('This adapter (confluent) does not support CREATE for schemas.') }}
{%- endmacro %}
{% macro confluent__drop_schema(relation) -%}
    {{ exceptions.raise_compiler_error('This adapter (confluent) does not support DROP for schemas.') }}
{%- endmacro %}

{# ---- tests: a streaming count(*) over nothing has no row, so add one #}
{% macro confluent__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
      coalesce(sum(failures), 0) as failures,
      coalesce(sum(failures), 0) {{ warn_if | replace('!=', '<>') }} as should_warn,
      coalesce(sum(failures), 0) {{ error_if | replace('!=', '<>') }} as should_error
    from (
      select
        {{ fail_calc }} as failures
      from (
        {{ main_sql }}
        {{ 'limit ' ~ limit if limit != none }}
      ) dbt_internal_test
      union all
      select cast(0 as bigint) as failures
    ) dbt_internal_test_with_fallback
{%- endmacro %}

{# ---- time #}
{% macro confluent__current_timestamp() %}CURRENT_TIMESTAMP{% endmacro %}
{% macro confluent__snapshot_get_time() %}CURRENT_TIMESTAMP{% endmacro %}
{% macro confluent__snapshot_string_as_time(timestamp) %}
{{- return("CAST('" ~ timestamp ~ "' AS TIMESTAMP)") }}
{% endmacro %}

{# ---- catalog #}
{% macro confluent__get_columns_in_relation(relation) %}{{ return(adapter.get_columns_in_relation(relation)) }}{% endmacro %}
{% macro confluent__list_relations_without_caching(schema_relation) -%}
    {%- set rows = [] -%}
    {%- for found in adapter.list_relations(schema_relation.database, schema_relation.schema) -%}
        {%- do rows.append((found.database, found.identifier, found.schema, found.type)) -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}
{% macro confluent__list_schemas(database) -%}
    {%- call statement('list_schemas', fetch_result=True, hidden=True) -%}
    SELECT
      SCHEMA_NAME as schema
    FROM
      {{ database }}.`INFORMATION_SCHEMA`.`SCHEMATA`
    WHERE
      `SCHEMA_NAME` <> 'INFORMATION_SCHEMA'
  {% endcall -%}
    {{ return(load_result('list_schemas').table) }}
{%- endmacro %}
{% macro map_table_type(table_type) -%}
    {{ return({'BASE TABLE': 'table', 'VIEW': 'view', 'EXTERNAL TABLE': 'external', 'SYSTEM TABLE': 'system_table'}.get(table_type, table_type)) }}
{%- endmacro %}
{% macro validate_column_data_types(columns) -%}
    {%- for key in columns -%}
        {%- set column = columns[key] -%}
        {%- for keyword in ['NOT NULL', 'VIRTUAL', 'METADATA'] if keyword in column.get('data_type', '') | upper -%}
            {%- set problem %}
Column '{{ column['name'] }}' has constraint keyword in the data_type field.

Found:
  - name: {{ column['name'] }}
    data_type: {{ column['data_type'] }}

Constraint keywords like '{{ keyword }}' cannot appear in data type definitions.
Use the 'constraints' section instead to specify column constraints.
        {% endset -%}
            {{ exceptions.raise_compiler_error(problem) }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
{% macro confluent__get_empty_schema_sql(columns) -%}
    {%- do validate_column_data_types(columns) -%}
    {{ return(default__get_empty_schema_sql(columns)) }}
{%- endmacro %}

{# ---- seeds #}
{% macro generate_bindings_row(agate_table, column_override) %}
  (
    {%- for column in agate_table.column_names -%}
        {%- set type = column_override.get(column, adapter.convert_type(agate_table, loop.index0)) -%}
        {{ '%s' if type | upper in ('STRING', 'VARCHAR', 'TEXT') else 'cast(%s as ' ~ type ~ ')' }}{{ ',' if not loop.last }}
    {%- endfor -%}
  )
{% endmacro %}
