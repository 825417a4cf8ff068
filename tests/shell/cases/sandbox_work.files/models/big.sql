{{ config(materialized='streaming_table') }}
select id, name from {{ ref('names') }} where id > {{ pkg.low() }}
