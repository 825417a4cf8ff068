{{ config(materialized='streaming_table', with={'changelog.mode': 'append'}) }}
select `id` from {{ ref('clicks_clean') }} where `url` = '/'
