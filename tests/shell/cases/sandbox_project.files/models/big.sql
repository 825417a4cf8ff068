select id, name from {{ ref('src') }} where id > {{ var('low', 3) }}
