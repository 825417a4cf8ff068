{{ config(materialized='materialized_table', access='protected', meta={'owner': 'fin'}) }}
select * from {{ ref('helper') }} join {{ ref('countries') }} on true
