{{ config(materialized='view') }}
select `url` from {{ ref('clicks_clean') }}
