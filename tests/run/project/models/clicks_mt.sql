{{ config(materialized='materialized_table') }}
select `id`, `url` from {{ ref('clicks_clean') }}
