select * from {{ ref('revenue') }} union all select * from {{ ref('metrics_pkg', 'base_metric') }}
