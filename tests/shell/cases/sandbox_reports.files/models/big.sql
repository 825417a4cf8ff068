select id, name from {{ ref('src') }} where id > 3
