{{ config(materialized='streaming_table') }}
select `id`, lower(`url`) as `url` from {{ ref('clicks') }}
