select * from {{ ref('base_metric') }}
